# The rules that join several inputs. Together they are one precondition of each key: all that are broken are reported
# at once, before anything is created. What the rules check against comes from files that are written by AWS's own data.

locals {
  facts = jsondecode(file("${path.module}/facts.json"))

  fitting_usages = try(local.facts.usages_by_spec[var.customer_master_key_spec], [])

  named_partitions = distinct(concat(
    [for text in concat(var.key_administrator_arns, var.key_user_arns) : split(":", trimprefix(text, "durable:"))[1] if !startswith(text, "permission_set:")],
    [for region in keys(var.replica_regions) : local.facts.partition_of_region[region] if contains(keys(local.facts.partition_of_region), region)],
  ))

  problems = concat(
    [
      for rule in [
        {
          broken  = !contains(local.fitting_usages, var.key_usage)
          message = "`key_usage` ${var.key_usage} does not fit the spec ${var.customer_master_key_spec}; write `key_usage = \"${try(local.fitting_usages[0], "")}\"`"
        },
        {
          broken  = var.rotation_period_in_days != null && !(local.symmetric && var.enable_key_rotation)
          message = "`rotation_period_in_days` is set, but the key does not rotate; remove it"
        },
        {
          broken  = length(var.replica_regions) > 0 && !var.multi_region && !local.replicates
          message = "`replica_regions` needs `multi_region = true` or `replica_primary_key_arn`"
        },
        {
          broken  = contains(keys(var.replica_regions), local.region)
          message = "`replica_regions` names ${local.region}, the primary's own Region; remove it there"
        },
        {
          broken  = length(setsubtract(local.named_partitions, [local.partition])) > 0
          message = "the key names several partitions (${join(", ", sort(distinct(concat(local.named_partitions, [local.partition]))))}); a key lives in one"
        },
      ] : rule.message if rule.broken
    ],
    [
      for region in keys(var.replica_regions) : "`replica_regions` names ${region}, which is not an AWS Region; write for example `eu-west-1`"
      if !contains(keys(local.facts.partition_of_region), region)
    ],
  )
}
