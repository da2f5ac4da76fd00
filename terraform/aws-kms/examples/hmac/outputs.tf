output "key_arn" {
  description = "The key's ARN, for `kms:GenerateMac` and `kms:VerifyMac`."
  value       = module.key.key_arn
}
