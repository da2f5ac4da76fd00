output "key_arn" {
  description = "The key's ARN."
  value       = module.key.key_arn
}

output "primary_alias" {
  description = "The name to use the key by."
  value       = module.key.primary_alias
}
