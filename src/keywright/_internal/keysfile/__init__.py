"""Reading keys.yaml: its values with their lines, its schema, every problem in one report, its policies examined."""
