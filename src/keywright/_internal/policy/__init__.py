"""Policy documents: statements, canonical form, the catalogue, generation from a key."""
