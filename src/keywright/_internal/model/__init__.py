"""What a key is: fields, rules, and reading a file of keys with the line of every error."""
