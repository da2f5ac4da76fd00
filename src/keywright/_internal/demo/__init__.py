"""The whole story of a set of keys, told on the embedded AWS with the real commands."""
