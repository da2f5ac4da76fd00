"""Reading keys.yaml: its values with their lines, its schema, and every problem of a file in one report."""
