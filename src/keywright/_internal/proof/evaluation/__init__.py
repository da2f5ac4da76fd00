"""Whether one request is allowed, and which statements decide it."""
