"""Customer-managed AWS KMS keys with key policies you can prove."""
