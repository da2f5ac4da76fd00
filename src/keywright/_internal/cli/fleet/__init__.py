"""The commands on keys, for files with targets."""
