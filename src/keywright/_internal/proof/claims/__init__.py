"""Claims: what a policy must allow or must not, proved, refuted with a request, or unknown."""
