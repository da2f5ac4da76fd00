"""Keywright's own packages, which may change at any time.

What may be relied on are the names of `keywright` itself and the command line.
"""
