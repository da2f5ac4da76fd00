output "key_arn" {
  description = "The key's ARN, for `kms:Sign` and `kms:GetPublicKey`."
  value       = module.key.key_arn
}

output "rotation_enabled" {
  description = "Null: such a key has no automatic rotation."
  value       = module.key.rotation_enabled
}
