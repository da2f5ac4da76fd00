"""Customer-managed AWS KMS keys, declared in one file, with key policies you can read."""
