output "key_arn" {
  description = "What a log group's `kms_key_id` takes."
  value       = module.key.key_arn
}

output "alias_arns" {
  description = "The ARNs of the key's names."
  value       = module.key.alias_arns
}
