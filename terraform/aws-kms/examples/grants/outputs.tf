output "key_arn" {
  description = "The ARN of the key."
  value       = module.key.key_arn
}
