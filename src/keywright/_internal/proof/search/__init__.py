"""Searching all requests for one that a claim forbids."""
