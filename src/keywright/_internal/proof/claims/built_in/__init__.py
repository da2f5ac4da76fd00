"""The claims that come with Keywright, one module a topic; `docs/claims.md` explains each."""
