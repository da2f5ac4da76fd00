"""Observe live keys, plan the difference, apply it in a safe order, destroy, restore."""
