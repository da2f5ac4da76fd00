"""`keywright export`: the keys of a file in another tool's language."""
