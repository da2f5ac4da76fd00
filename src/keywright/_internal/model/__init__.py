"""What a key and a stack are: fields, rules, and where a key lives."""
