data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  # An instance either creates a key or, given a primary, replicates that into the provider's Region.
  replicates = var.replica_primary_key_arn != null

  aliases = [for alias in var.aliases : startswith(alias, "alias/") ? alias : "alias/${alias}"]

  # Null where KMS has no automatic rotation.
  rotates = local.symmetric && !local.replicates ? var.enable_key_rotation : null

  key_id  = one(concat(aws_kms_key.this[*].key_id, aws_kms_replica_key.this[*].key_id))
  key_arn = one(concat(aws_kms_key.this[*].arn, aws_kms_replica_key.this[*].arn))
}

resource "aws_kms_key" "this" {
  #checkov:skip=CKV_AWS_7:Rotation is on unless the caller switches it off, where KMS has it at all; the value is a local, which the scan can't read

  count = local.replicates ? 0 : 1

  description              = var.description
  customer_master_key_spec = var.customer_master_key_spec
  key_usage                = var.key_usage
  multi_region             = var.multi_region

  enable_key_rotation = local.rotates
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
  description             = var.description
  enabled                 = var.is_enabled
  deletion_window_in_days = var.deletion_window_in_days

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

# Inline replicas, each in its own Region.
resource "aws_kms_replica_key" "region" {
  for_each = var.replica_regions

  region                  = each.key
  primary_key_arn         = local.replicates ? var.replica_primary_key_arn : local.key_arn
  description             = each.value.description != null ? each.value.description : var.description
  enabled                 = each.value.enabled
  deletion_window_in_days = each.value.deletion_window_in_days != null ? each.value.deletion_window_in_days : var.deletion_window_in_days

  policy                             = local.policies[each.key]
  bypass_policy_lockout_safety_check = var.bypass_policy_lockout_safety_check

  tags = var.tags
}

resource "aws_kms_alias" "this" {
  for_each = toset(local.aliases)

  name          = each.value
  target_key_id = local.key_id
}
