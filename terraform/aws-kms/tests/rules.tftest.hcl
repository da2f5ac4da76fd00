# Every rule across inputs fires.

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

run "usage_does_not_fit_spec" {
  command = plan

  variables {
    key_usage = "SIGN_VERIFY"
  }

  expect_failures = [aws_kms_key.this]
}

run "period_without_rotation" {
  command = plan

  variables {
    enable_key_rotation     = false
    rotation_period_in_days = 90
  }

  expect_failures = [aws_kms_key.this]
}

run "period_of_a_key_that_has_no_rotation" {
  command = plan

  variables {
    customer_master_key_spec = "HMAC_256"
    key_usage                = "GENERATE_VERIFY_MAC"
    rotation_period_in_days  = 90
  }

  expect_failures = [aws_kms_key.this]
}

run "period_of_a_replica" {
  command = plan

  variables {
    replica_primary_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    rotation_period_in_days = 90
  }

  expect_failures = [aws_kms_replica_key.this]
}

run "replicas_without_a_multi_region_key" {
  command = plan

  variables {
    replica_regions = { "eu-west-1" = {} }
  }

  expect_failures = [aws_kms_key.this]
}

run "replica_in_no_region" {
  command = plan

  variables {
    multi_region    = true
    replica_regions = { "moon-east-1" = {} }
  }

  expect_failures = [aws_kms_key.this]
}

run "replica_in_the_keys_own_region" {
  command = plan

  variables {
    multi_region    = true
    replica_regions = { "us-east-1" = {} }
  }

  expect_failures = [aws_kms_key.this]
}

run "replica_in_the_primarys_region" {
  command = plan

  variables {
    replica_primary_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    replica_regions         = { "eu-west-1" = {} }
  }

  expect_failures = [aws_kms_replica_key.this]
}

run "replica_beside_its_primary" {
  command = plan

  variables {
    replica_primary_key_arn = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
  }

  expect_failures = [aws_kms_replica_key.this]
}

run "replica_in_another_account" {
  command = plan

  variables {
    replica_primary_key_arn = "arn:aws:kms:eu-west-1:444455556666:key/mrk-1234abcd12ab34cd56ef1234567890ab"
  }

  expect_failures = [aws_kms_replica_key.this]
}

run "replica_in_another_partition" {
  command = plan

  variables {
    multi_region    = true
    replica_regions = { "cn-north-1" = {} }
  }

  expect_failures = [aws_kms_key.this]
}

run "administrator_of_another_partition" {
  command = plan

  variables {
    key_administrator_arns = ["arn:aws-cn:iam::111122223333:role/admin"]
  }

  expect_failures = [aws_kms_key.this]
}

run "user_of_another_partition" {
  command = plan

  variables {
    key_user_arns = ["durable:arn:aws-us-gov:iam::111122223333:role/app"]
  }

  expect_failures = [aws_kms_key.this]
}

run "service_of_another_partition" {
  command = plan

  variables {
    key_service_users = ["logs.cn-north-1.amazonaws.com.cn"]
  }

  expect_failures = [aws_kms_key.this]
}

run "spec_of_another_partition" {
  command = plan

  variables {
    customer_master_key_spec = "SM2"
  }

  expect_failures = [aws_kms_key.this]
}

run "nobody_could_change_the_policy" {
  command = plan

  variables {
    enable_default_root_policy = false
  }

  expect_failures = [aws_kms_key.this]
}

run "policy_too_large" {
  command = plan

  variables {
    key_user_arns = [for number in range(400) : "arn:aws:iam::111122223333:role/${number}/a-role-with-quite-a-long-name-as-they-have"]
  }

  expect_failures = [aws_kms_key.this]
}

run "patterns_beside_a_whole_policy" {
  command = plan

  variables {
    policy          = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }] })
    policy_patterns = [{ name = "cloudtrail-lake" }]
  }

  expect_failures = [aws_kms_key.this]
}

run "pattern_unknown" {
  command = plan

  variables {
    policy_patterns = [{ name = "no-such-pattern" }]
  }

  expect_failures = [aws_kms_key.this]
}

run "pattern_parameter_unknown" {
  command = plan

  variables {
    policy_patterns = [{ name = "cloudtrail-lake", parameters = { x = ["y"] } }]
  }

  expect_failures = [aws_kms_key.this]
}

run "pattern_parameter_missing" {
  command = plan

  variables {
    policy_patterns = [{ name = "ebs-autoscaling-external" }]
  }

  expect_failures = [aws_kms_key.this]
}

run "pattern_parameter_empty" {
  command = plan

  variables {
    policy_patterns = [{ name = "cloudwatch-logs", parameters = { log_groups = [] } }]
  }

  expect_failures = [aws_kms_key.this]
}

run "pattern_parameter_too_long" {
  command = plan

  variables {
    policy_patterns = [{ name = "cloudwatch-logs", parameters = { log_groups = [for number in range(51) : "group-${number}"] } }]
  }

  expect_failures = [aws_kms_key.this]
}

run "pattern_parameter_of_a_wrong_form" {
  command = plan

  variables {
    policy_patterns = [{ name = "cloudwatch-logs", parameters = { log_groups = ["a b"] } }]
  }

  expect_failures = [aws_kms_key.this]
}

run "pattern_of_another_usage" {
  command = plan

  variables {
    customer_master_key_spec = "HMAC_256"
    key_usage                = "GENERATE_VERIFY_MAC"
    policy_patterns          = [{ name = "cloudwatch-logs" }]
  }

  expect_failures = [aws_kms_key.this]
}

run "pattern_of_another_spec" {
  command = plan

  variables {
    customer_master_key_spec = "ECC_NIST_P384"
    key_usage                = "SIGN_VERIFY"
    policy_patterns          = [{ name = "route53-dnssec" }]
  }

  expect_failures = [aws_kms_key.this]
}

run "pattern_of_another_region" {
  command = plan

  override_data {
    target = data.aws_region.current
    values = { region = "eu-west-1" }
  }

  variables {
    customer_master_key_spec = "ECC_NIST_P256"
    key_usage                = "SIGN_VERIFY"
    policy_patterns          = [{ name = "route53-dnssec" }]
  }

  expect_failures = [aws_kms_key.this]
}

run "statements_beside_a_whole_policy" {
  command = plan

  variables {
    policy            = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }] })
    policy_statements = [{ actions = ["kms:*"], principals = [{ type = "*", identifiers = ["*"] }] }]
  }

  expect_failures = [aws_kms_key.this]
}

run "statement_that_lets_nobody_change_the_policy" {
  command = plan

  variables {
    enable_default_root_policy = false
    policy_statements          = [{ actions = ["kms:Decrypt"], principals = [{ type = "*", identifiers = ["*"] }] }]
  }

  expect_failures = [aws_kms_key.this]
}

run "statement_that_lets_somebody_change_the_policy" {
  command = plan

  variables {
    enable_default_root_policy = false
    policy_statements          = [{ actions = ["kms:Put*"], principals = [{ type = "AWS", identifiers = ["arn:aws:iam::111122223333:role/admin"] }] }]
  }
}

run "grant_of_an_operation_that_the_key_has_not" {
  command = plan

  variables {
    grants = [{ name = "x", grantee_principal = "arn:aws:iam::111122223333:root", operations = ["Sign"] }]
  }

  expect_failures = [aws_kms_key.this]
}

run "grant_with_a_context_that_the_key_takes_none_of" {
  command = plan

  variables {
    customer_master_key_spec = "HMAC_256"
    key_usage                = "GENERATE_VERIFY_MAC"
    grants = [{
      name              = "x"
      grantee_principal = "arn:aws:iam::111122223333:root"
      operations        = ["GenerateMac"]
      constraints       = { encryption_context_equals = { a = "b" } }
    }]
  }

  expect_failures = [aws_kms_key.this]
}

run "grant_to_another_partition" {
  command = plan

  variables {
    grants = [{ name = "x", grantee_principal = "arn:aws-cn:iam::111122223333:root", operations = ["Decrypt"] }]
  }

  expect_failures = [aws_kms_key.this]
}
