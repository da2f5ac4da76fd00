"""The demo: the whole life of a set of keys on the embedded AWS, with the real commands."""
