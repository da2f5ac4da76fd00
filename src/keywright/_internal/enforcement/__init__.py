"""An AWS that says no: the sandbox's requests authorized by the policies, grants and organization that are in it."""
