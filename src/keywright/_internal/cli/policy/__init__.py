"""The commands of `keywright policy`."""
