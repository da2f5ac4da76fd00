data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  # An instance either creates a key or, given a primary, replicates that into the provider's Region.
  replicates = var.replica_primary_key_arn != null

  aliases = [for alias in var.aliases : startswith(alias, "alias/") ? alias : "alias/${alias}"]

  # Null where KMS has no automatic rotation.
  rotates = local.symmetric && !local.replicates ? var.enable_key_rotation : null

  # With a primary, the entry of the provider's own Region describes this very replica; null where there is none. The
  # other entries, or without a primary all of them, are replicas of their own.
  own_entry = one([for region, replica in local.replicates ? var.replica_regions : {} : replica if region == local.region])
  replicas = {
    for region, replica in var.replica_regions : region => {
      description             = try(replica.description, null) != null ? replica.description : var.description
      enabled                 = try(replica.enabled, true)
      deletion_window_in_days = try(replica.deletion_window_in_days, null) != null ? replica.deletion_window_in_days : var.deletion_window_in_days
    } if local.replicates ? region != local.region : true
  }

  key_id  = one(concat(aws_kms_key.this[*].key_id, aws_kms_replica_key.this[*].key_id))
  key_arn = one(concat(aws_kms_key.this[*].arn, aws_kms_replica_key.this[*].arn))
}

resource "aws_kms_key" "this" {
  count = local.replicates ? 0 : 1

  description              = var.description
  customer_master_key_spec = var.customer_master_key_spec
  key_usage                = var.key_usage
  multi_region             = var.multi_region

  enable_key_rotation = local.symmetric ? var.enable_key_rotation : null
  # Said even where it is AWS's own 365: the provider keeps the old period when the argument goes away.
  rotation_period_in_days = local.rotates == true ? coalesce(var.rotation_period_in_days, 365) : null

  is_enabled              = var.is_enabled
  deletion_window_in_days = var.deletion_window_in_days

  # CreateKey carries the final policy: there is never a moment without it.
  policy                             = local.policies[""]
  bypass_policy_lockout_safety_check = var.bypass_policy_lockout_safety_check

  tags = var.tags

  lifecycle {
    # Where an immutable input changes, aliases move to the new key before the old one is scheduled for deletion.
    create_before_destroy = true

    precondition {
      condition     = length(local.problems) == 0
      error_message = join("\n", local.problems)
    }

    precondition {
      condition     = length(local.problems_in_place) == 0
      error_message = join("\n", local.problems_in_place)
    }
  }
}

resource "aws_kms_key_policy" "this" {
  count = local.replicates ? 0 : 1

  key_id = aws_kms_key.this[0].key_id
  policy = local.policies[""]

  # This resource writes what `aws_kms_key` has just written with AWS's safety check on, so the check is not lost. What
  # true changes is the destruction: otherwise the provider would replace the policy by AWS's default one, which hands
  # a key that can still be restored to the whole account.
  bypass_policy_lockout_safety_check = true
}

# The key of a second instance: a replica, in the provider's own Region, of a primary made elsewhere.
resource "aws_kms_replica_key" "this" {
  count = local.replicates ? 1 : 0

  primary_key_arn         = var.replica_primary_key_arn
  description             = try(local.own_entry.description, null) != null ? local.own_entry.description : var.description
  enabled                 = var.is_enabled && try(local.own_entry.enabled, true)
  deletion_window_in_days = try(local.own_entry.deletion_window_in_days, null) != null ? local.own_entry.deletion_window_in_days : var.deletion_window_in_days

  policy                             = local.policies[""]
  bypass_policy_lockout_safety_check = var.bypass_policy_lockout_safety_check

  tags = var.tags

  lifecycle {
    precondition {
      condition     = length(local.problems) == 0
      error_message = join("\n", local.problems)
    }

    precondition {
      condition     = length(local.problems_in_place) == 0
      error_message = join("\n", local.problems_in_place)
    }
  }
}

# Further replicas, each in its own Region.
resource "aws_kms_replica_key" "region" {
  for_each = local.replicas

  region                  = each.key
  primary_key_arn         = local.replicates ? var.replica_primary_key_arn : local.key_arn
  description             = each.value.description
  enabled                 = each.value.enabled
  deletion_window_in_days = each.value.deletion_window_in_days

  policy                             = local.policies[each.key]
  bypass_policy_lockout_safety_check = var.bypass_policy_lockout_safety_check

  tags = var.tags
}

resource "aws_kms_alias" "this" {
  for_each = toset(local.aliases)

  name          = each.value
  target_key_id = local.key_id
}

# Grants that this configuration makes. What AWS services grant themselves is none of its business.
resource "aws_kms_grant" "this" {
  for_each = { for grant in var.grants : grant.name => grant }

  key_id             = local.key_id
  name               = each.key
  grantee_principal  = each.value.grantee_principal
  operations         = each.value.operations
  retiring_principal = each.value.retiring_principal

  dynamic "constraints" {
    for_each = each.value.constraints == null ? [] : [each.value.constraints]

    content {
      encryption_context_equals = constraints.value.encryption_context_equals
      encryption_context_subset = constraints.value.encryption_context_subset
    }
  }

  # An imported grant has none, and the provider's default would replace it.
  lifecycle {
    ignore_changes = [retire_on_delete]
  }
}
