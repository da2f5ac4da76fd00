"""What one run remembers for the next, in the user's cache directory."""
