output "key_arn" {
  description = "The key's ARN."
  value       = module.key.key_arn
}
