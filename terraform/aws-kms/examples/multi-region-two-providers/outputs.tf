output "primary_key_arn" {
  description = "The primary's ARN."
  value       = module.primary.key_arn
}

output "replica_key_arn" {
  description = "The replica's ARN: the same key ID in another Region."
  value       = module.replica.key_arn
}
