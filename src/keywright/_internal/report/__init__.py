"""Pages a person looks at, made from results alone."""
