# Every statement of the generated policy: who, what, and under which conditions.

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

variables {
  key_administrator_arns = ["arn:aws:iam::111122223333:role/admin", "permission_set:KeyAdmins", "durable:arn:aws:iam::444455556666:role/admin"]
  key_user_arns          = ["durable:arn:aws:iam::111122223333:role/app", "arn:aws:iam::444455556666:root"]
  key_service_users      = ["logs.us-east-1.amazonaws.com", "new-service.amazonaws.com"]
}

run "statements" {
  command = plan

  assert {
    condition = [for statement in jsondecode(aws_kms_key.this[0].policy).Statement : statement.Sid] == [
      "AccountRoot",
      "KeyAdministrators", "KeyAdministratorsPermissionSets111122223333", "KeyAdministratorsDurable444455556666",
      "KeyUsers", "KeyUsersDurable111122223333",
      "KeyUsersGrants", "KeyUsersGrantsDurable111122223333",
      "ServiceLogsUsEast1SourceAccount", "ServiceLogsUsEast1CallerAccount",
      "ServiceNewServiceSourceAccount", "ServiceNewServiceCallerAccount",
    ]
    error_message = join(", ", [for statement in jsondecode(aws_kms_key.this[0].policy).Statement : statement.Sid])
  }

  assert {
    condition     = jsondecode(aws_kms_key.this[0].policy).Statement[2].Condition.ArnLike["aws:PrincipalArn"][0] == "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/*/AWSReservedSSO_KeyAdmins_????????????????"
    error_message = "a permission set's roles, whatever their suffix"
  }

  assert {
    condition     = jsondecode(aws_kms_key.this[0].policy).Statement[3].Condition.ArnEquals["aws:PrincipalArn"] == ["arn:aws:iam::444455556666:role/admin"]
    error_message = "a durable principal is matched by its name"
  }

  assert {
    condition = alltrue([
      for statement in slice(jsondecode(aws_kms_key.this[0].policy).Statement, 1, 4) :
      length(setintersection(statement.Action, ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant", "kms:*"])) == 0
    ])
    error_message = "administrators don't use the key and don't make grants"
  }

  assert {
    condition     = jsondecode(aws_kms_key.this[0].policy).Statement[4].Action == ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyPair", "kms:GenerateDataKeyPairWithoutPlaintext", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    error_message = "users of a symmetric key"
  }

  assert {
    condition     = jsondecode(aws_kms_key.this[0].policy).Statement[6].Condition == { Bool = { "kms:GrantIsForAWSResource" = ["true"] } }
    error_message = "grants only to AWS services"
  }

  assert {
    condition     = jsondecode(aws_kms_key.this[0].policy).Statement[9].Condition == { StringEquals = { "kms:CallerAccount" = ["111122223333"] } }
    error_message = "pinned to the key's own account"
  }

  assert {
    condition     = jsondecode(aws_kms_key.this[0].policy).Statement[8].Condition == { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = ["arn:aws:logs:us-east-1:111122223333:*"] } }
    error_message = "held to the log groups of the key's own account"
  }
}

run "one_pin" {
  command = plan

  variables {
    key_service_pins = ["kms:CallerAccount"]
  }

  assert {
    condition     = length([for statement in jsondecode(aws_kms_key.this[0].policy).Statement : statement if endswith(statement.Sid, "SourceAccount")]) == 0
    error_message = "one statement a pin"
  }
}

run "signing" {
  command = plan

  variables {
    customer_master_key_spec = "ECC_NIST_P256"
    key_usage                = "SIGN_VERIFY"
    key_service_users        = ["dnssec-route53.amazonaws.com"]
  }

  assert {
    condition     = jsondecode(aws_kms_key.this[0].policy).Statement[4].Action == ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"]
    error_message = "users of a signing key"
  }

  assert {
    condition     = !anytrue([for statement in jsondecode(aws_kms_key.this[0].policy).Statement : startswith(statement.Sid, "KeyUsersGrants")])
    error_message = "a signing key has no grants that AWS services use"
  }
}

run "mac" {
  command = plan

  variables {
    customer_master_key_spec = "HMAC_256"
    key_usage                = "GENERATE_VERIFY_MAC"
    key_service_users        = []
  }

  assert {
    condition     = jsondecode(aws_kms_key.this[0].policy).Statement[4].Action == ["kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"]
    error_message = "users of a MAC key"
  }
}

run "key_agreement" {
  command = plan

  variables {
    customer_master_key_spec = "ECC_NIST_P256"
    key_usage                = "KEY_AGREEMENT"
    key_service_users        = []
  }

  assert {
    condition     = jsondecode(aws_kms_key.this[0].policy).Statement[4].Action == ["kms:DeriveSharedSecret", "kms:DescribeKey", "kms:GetPublicKey"]
    error_message = "users of a key for key agreement"
  }
}

run "asymmetric_encryption" {
  command = plan

  variables {
    customer_master_key_spec = "RSA_4096"
    key_service_users        = []
  }

  assert {
    condition     = jsondecode(aws_kms_key.this[0].policy).Statement[4].Action == ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GetPublicKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
    error_message = "users of an asymmetric encryption key"
  }
}

run "without_the_root" {
  command = plan

  variables {
    enable_default_root_policy = false
  }

  assert {
    condition     = jsondecode(aws_kms_key.this[0].policy).Statement[0].Sid == "KeyAdministrators"
    error_message = "no statement for the account root"
  }
}

run "patterns" {
  command = plan

  variables {
    policy_patterns = [
      { name = "cloudwatch-logs", parameters = { log_groups = ["audit", "/app/*"] } },
      { name = "cloudwatch-logs", parameters = { log_groups = ["other"] } },
    ]
  }

  assert {
    condition     = [for statement in slice(jsondecode(aws_kms_key.this[0].policy).Statement, 12, 14) : statement.Sid] == ["CloudwatchLogs", "CloudwatchLogs2"]
    error_message = "a second use of a pattern has a Sid of its own"
  }

  assert {
    condition     = jsondecode(aws_kms_key.this[0].policy).Statement[12].Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"] == ["arn:aws:logs:us-east-1:111122223333:log-group:/app/*", "arn:aws:logs:us-east-1:111122223333:log-group:audit"]
    error_message = "the values of its parameters"
  }
}

run "whole_policy" {
  command = plan

  variables {
    policy = "{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"kms:*\", \"Resource\": \"*\"}]}"
  }

  assert {
    condition     = aws_kms_key.this[0].policy == var.policy && aws_kms_key_policy.this[0].policy == var.policy
    error_message = "replaces the generated one"
  }
}

run "statements_of_ones_own" {
  command = plan

  variables {
    multi_region    = true
    replica_regions = { "eu-west-1" = {} }
    policy_statements = [
      {
        sid     = "Partner"
        actions = ["kms:Decrypt"]
        principals = [
          { type = "AWS", identifiers = ["arn:aws:iam::444455556666:root"] },
          { type = "Service", identifiers = ["logs.us-east-1.amazonaws.com"] },
        ]
        conditions = [{ test = "StringEquals", variable = "aws:PrincipalOrgID", values = ["o-2", "o-1"] }]
      },
      {
        effect         = "Deny"
        not_actions    = ["kms:Describe*"]
        not_principals = [{ type = "AWS", identifiers = ["arn:aws:iam::111122223333:root"] }]
      },
    ]
  }

  assert {
    condition = jsonencode(reverse(slice(reverse(jsondecode(aws_kms_key.this[0].policy).Statement), 0, 2))) == jsonencode([
      {
        Sid       = "Partner"
        Effect    = "Allow"
        Principal = { AWS = ["arn:aws:iam::444455556666:root"], Service = ["logs.us-east-1.amazonaws.com"] }
        Action    = ["kms:Decrypt"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:PrincipalOrgID" = ["o-1", "o-2"] } }
      },
      {
        Effect       = "Deny"
        NotPrincipal = { AWS = ["arn:aws:iam::111122223333:root"] }
        NotAction    = ["kms:Describe*"]
        Resource     = "*"
      },
    ])
    error_message = "they stand behind all others, as they were written"
  }

  assert {
    condition     = one([for statement in jsondecode(aws_kms_replica_key.region["eu-west-1"].policy).Statement : statement if try(statement.Sid == "Partner", false)]).Principal.Service == ["logs.eu-west-1.amazonaws.com"]
    error_message = "in a replica's policy a service that names a Region is the replica's Region's"
  }
}
