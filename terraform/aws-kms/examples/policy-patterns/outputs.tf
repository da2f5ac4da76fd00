output "key_arn" {
  description = "What a trail's `kms_key_id` takes."
  value       = module.key.key_arn
}
