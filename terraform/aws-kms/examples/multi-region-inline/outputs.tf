output "key_arn" {
  description = "The primary's ARN."
  value       = module.key.key_arn
}

output "replica_key_arns" {
  description = "The replicas' ARNs, by Region."
  value       = module.key.replica_key_arns
}
