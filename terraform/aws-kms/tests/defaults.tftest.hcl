# What an instance without inputs makes, and each output.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { region = "us-east-1" }
  }

  # What is made up in its place must be an ARN: the provider checks it where another resource takes it.
  mock_resource "aws_kms_key" {
    defaults = {
      arn    = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
      key_id = "mrk-1234abcd12ab34cd56ef1234567890ab"
    }
  }

  mock_resource "aws_kms_replica_key" {
    defaults = {
      arn    = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
      key_id = "mrk-1234abcd12ab34cd56ef1234567890ab"
    }
  }
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_kms_key.this[0].description == "Customer-managed key, declared with Keywright"
    error_message = "description"
  }

  assert {
    condition     = aws_kms_key.this[0].customer_master_key_spec == "SYMMETRIC_DEFAULT" && aws_kms_key.this[0].key_usage == "ENCRYPT_DECRYPT"
    error_message = "spec and usage"
  }

  assert {
    condition     = aws_kms_key.this[0].enable_key_rotation && aws_kms_key.this[0].rotation_period_in_days == 365
    error_message = "rotation"
  }

  assert {
    condition     = aws_kms_key.this[0].deletion_window_in_days == 30 && aws_kms_key.this[0].is_enabled && !aws_kms_key.this[0].multi_region
    error_message = "deletion window, enabled, multi-Region"
  }

  assert {
    condition     = !aws_kms_key.this[0].bypass_policy_lockout_safety_check
    error_message = "AWS's own safety check stays on"
  }

  assert {
    condition     = aws_kms_key.this[0].policy == aws_kms_key_policy.this[0].policy
    error_message = "both resources carry one policy"
  }

  assert {
    condition     = aws_kms_key_policy.this[0].bypass_policy_lockout_safety_check
    error_message = "destroying the policy resource must not write AWS's default policy"
  }

  assert {
    condition     = length(aws_kms_alias.this) == 0 && length(aws_kms_replica_key.this) == 0 && length(aws_kms_replica_key.region) == 0
    error_message = "nothing else is made"
  }

  assert {
    condition     = aws_kms_key.this[0].policy == "{\"Statement\":[{\"Action\":[\"kms:*\"],\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"arn:aws:iam::111122223333:root\"]},\"Resource\":\"*\",\"Sid\":\"AccountRoot\"}],\"Version\":\"2012-10-17\"}"
    error_message = "the account root, and nobody else"
  }

  assert {
    condition     = output.primary_alias == null && length(output.alias_arns) == 0
    error_message = "no alias"
  }

  assert {
    condition     = output.rotation_enabled == true && length(output.replica_key_arns) == 0
    error_message = "rotation_enabled, replica_key_arns"
  }
}

run "aliases" {
  command = plan

  variables {
    aliases = ["first", "alias/second"]
  }

  assert {
    condition     = toset(keys(aws_kms_alias.this)) == toset(["alias/first", "alias/second"])
    error_message = "keyed by their names, with the prefix added where it is missing"
  }

  assert {
    condition     = output.primary_alias == "alias/first"
    error_message = "the first is the primary one"
  }

  assert {
    condition     = output.alias_arns == ["arn:aws:kms:us-east-1:111122223333:alias/first", "arn:aws:kms:us-east-1:111122223333:alias/second"]
    error_message = "in the order given"
  }
}

run "rotation_where_there_is_none" {
  command = plan

  variables {
    customer_master_key_spec = "RSA_4096"
    key_usage                = "SIGN_VERIFY"
  }

  assert {
    condition     = aws_kms_key.this[0].enable_key_rotation == null && output.rotation_enabled == null
    error_message = "left out by itself, with no error"
  }
}

run "inline_replicas" {
  command = plan

  variables {
    multi_region            = true
    deletion_window_in_days = 10
    key_service_users       = ["logs.us-east-1.amazonaws.com", "sns.amazonaws.com"]
    tags                    = { Team = "payments" }
    replica_regions = {
      "eu-west-1" = {}
      "eu-west-2" = { description = "standby", deletion_window_in_days = 7, enabled = false, policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }] }) }
    }
  }

  assert {
    condition     = aws_kms_replica_key.region["eu-west-1"].region == "eu-west-1" && aws_kms_replica_key.region["eu-west-2"].region == "eu-west-2"
    error_message = "each in its Region"
  }

  assert {
    condition = alltrue([
      aws_kms_replica_key.region["eu-west-1"].description == aws_kms_key.this[0].description,
      aws_kms_replica_key.region["eu-west-1"].deletion_window_in_days == 10,
      aws_kms_replica_key.region["eu-west-1"].enabled,
      aws_kms_replica_key.region["eu-west-1"].tags == tomap({ Team = "payments" }),
    ])
    error_message = "what a replica leaves out comes from the primary"
  }

  assert {
    condition     = toset(flatten([for statement in jsondecode(aws_kms_replica_key.region["eu-west-1"].policy).Statement : try(statement.Principal.Service, [])])) == toset(["logs.eu-west-1.amazonaws.com", "sns.amazonaws.com"])
    error_message = "a Region-bound service is the replica's Region's"
  }

  assert {
    condition = alltrue([
      aws_kms_replica_key.region["eu-west-2"].description == "standby",
      aws_kms_replica_key.region["eu-west-2"].deletion_window_in_days == 7,
      !aws_kms_replica_key.region["eu-west-2"].enabled,
      !can(jsondecode(aws_kms_replica_key.region["eu-west-2"].policy).Version),
    ])
    error_message = "what a replica says holds"
  }
}

run "second_instance" {
  command = plan

  variables {
    replica_primary_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    aliases                 = ["replica"]
    is_enabled              = false
    key_service_users       = ["logs.eu-west-1.amazonaws.com"]
  }

  assert {
    condition     = length(aws_kms_key.this) == 0 && length(aws_kms_key_policy.this) == 0
    error_message = "it makes no key of its own"
  }

  assert {
    condition     = aws_kms_replica_key.this[0].primary_key_arn == var.replica_primary_key_arn && !aws_kms_replica_key.this[0].enabled
    error_message = "it replicates the primary"
  }

  assert {
    condition     = keys(aws_kms_alias.this) == ["alias/replica"]
    error_message = "with aliases of its own"
  }

  assert {
    condition     = contains(flatten([for statement in jsondecode(aws_kms_replica_key.this[0].policy).Statement : try(statement.Principal.Service, [])]), "logs.us-east-1.amazonaws.com")
    error_message = "a Region-bound service is the provider's Region's"
  }
}

run "own_region_entry" {
  command = plan

  variables {
    replica_primary_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    description             = "of all"
    replica_regions = {
      "us-east-1" = { description = "of this replica", deletion_window_in_days = 9, enabled = false }
      "us-west-2" = null
    }
  }

  assert {
    condition = alltrue([
      aws_kms_replica_key.this[0].description == "of this replica",
      aws_kms_replica_key.this[0].deletion_window_in_days == 9,
      !aws_kms_replica_key.this[0].enabled,
    ])
    error_message = "the entry of the provider's own Region describes this very replica"
  }

  assert {
    condition     = keys(aws_kms_replica_key.region) == ["us-west-2"] && aws_kms_replica_key.region["us-west-2"].description == "of all"
    error_message = "other entries are further replicas"
  }
}

run "grants" {
  command = plan

  variables {
    grants = [
      {
        name              = "nightly"
        grantee_principal = "arn:aws:iam::111122223333:role/export"
        operations        = ["Decrypt", "DescribeKey"]
        constraints       = { encryption_context_subset = { job = "export" } }
      },
      {
        name               = "audit"
        grantee_principal  = "arn:aws:iam::444455556666:root"
        operations         = ["DescribeKey"]
        retiring_principal = "arn:aws:iam::111122223333:role/admin"
      },
    ]
  }

  assert {
    condition     = keys(aws_kms_grant.this) == ["audit", "nightly"]
    error_message = "one a name"
  }

  assert {
    condition = alltrue([
      one(aws_kms_grant.this["nightly"].constraints).encryption_context_subset == tomap({ job = "export" }),
      length(aws_kms_grant.this["audit"].constraints) == 0,
      aws_kms_grant.this["audit"].retiring_principal == "arn:aws:iam::111122223333:role/admin",
    ])
    error_message = "as declared"
  }
}
