# `format` never gives null, so an instance that replicates this key knows at its first plan that there is an ARN, long
# before it knows which.

output "key_id" {
  description = "The key's ID."
  value       = format("%s", local.key_id)
}

output "key_arn" {
  description = "The key's ARN; what `replica_primary_key_arn` of a second instance takes."
  value       = format("%s", local.key_arn)
}

output "primary_alias" {
  description = "The first alias, with its `alias/` prefix; null where there is none."
  value       = try(local.aliases[0], null)
  depends_on  = [aws_kms_alias.this]
}

output "alias_arns" {
  description = "The ARN of each alias, in the order given."
  value       = [for alias in local.aliases : format("arn:%s:kms:%s:%s:%s", local.partition, local.region, local.account, alias)]
  depends_on  = [aws_kms_alias.this]
}

output "rotation_enabled" {
  description = "Whether KMS rotates the key; null for a key that has no automatic rotation."
  value       = local.replicates ? one(aws_kms_replica_key.this[*].key_rotation_enabled) : local.rotates
}

output "replica_key_arns" {
  description = "The ARN of each replica made by this instance, by Region."
  value       = { for region, replica in aws_kms_replica_key.region : region => replica.arn }
}
