"""The JSON Schema of every document that `--json` prints, a file for each group of commands."""
