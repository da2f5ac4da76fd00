# Every validation fires: in each run every input named below is wrong in one way, and each is refused.

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

run "wrong_inputs_1" {
  command = plan

  variables {
    # description too long
    description = format("%08193d", 0)

    # alias reserved
    aliases = ["aws/mine"]

    # key usage unknown
    key_usage = "SIGN"

    # spec unknown
    customer_master_key_spec = "AES_256"

    # rotation period too short
    rotation_period_in_days = 89

    # deletion window too short
    deletion_window_in_days = 6

    # policy no json
    policy = "{"

    # administrator with a wildcard
    key_administrator_arns = ["arn:aws:iam::111122223333:role/*"]

    # user with a wildcard
    key_user_arns = ["arn:aws:iam::111122223333:role/*"]

    # service that is none
    key_service_users = ["logs"]

    # no service pin
    key_service_pins = []

    # replica description too long
    replica_regions = { "eu-west-1" = { description = format("%08193d", 0) } }

    # primary that is no multi region key
    replica_primary_key_arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

    # more than fifty tags
    tags = { for number in range(51) : "tag-${number}" => "" }

    multi_region = true
  }

  expect_failures = [
    var.description,
    var.aliases,
    var.key_usage,
    var.customer_master_key_spec,
    var.rotation_period_in_days,
    var.deletion_window_in_days,
    var.policy,
    var.key_administrator_arns,
    var.key_user_arns,
    var.key_service_users,
    var.key_service_pins,
    var.replica_regions,
    var.replica_primary_key_arn,
    var.tags,
  ]
}

run "wrong_inputs_2" {
  command = plan

  variables {
    # alias reserved with its prefix
    aliases = ["alias/aws/mine"]

    # spec of a usage that is not offered
    customer_master_key_spec = "ML_KEM_768"

    # rotation period too long
    rotation_period_in_days = 2561

    # deletion window too long
    deletion_window_in_days = 31

    # policy no object
    policy = "[]"

    # administrator that is an id
    key_administrator_arns = ["AROAABCDEFGHIJKLMNOPQ"]

    # user that is an id
    key_user_arns = ["AROAABCDEFGHIJKLMNOPQ"]

    # service twice
    key_service_users = ["sns.amazonaws.com", "sns.amazonaws.com"]

    # service pin unknown
    key_service_pins = ["aws:SourceArn"]

    # replica deletion window too short
    replica_regions = { "eu-west-1" = { deletion_window_in_days = 6 } }

    # tag reserved
    tags = { "AWS:x" = "" }

    multi_region = true
  }

  expect_failures = [
    var.aliases,
    var.customer_master_key_spec,
    var.rotation_period_in_days,
    var.deletion_window_in_days,
    var.policy,
    var.key_administrator_arns,
    var.key_user_arns,
    var.key_service_users,
    var.key_service_pins,
    var.replica_regions,
    var.tags,
  ]
}

run "wrong_inputs_3" {
  command = plan

  variables {
    # alias with a space
    aliases = ["my app"]

    # rotation period no whole number
    rotation_period_in_days = 90.5

    # deletion window no whole number
    deletion_window_in_days = 7.5

    # policy without statements
    policy = jsonencode({ Statement = [] })

    # administrator that is a number
    key_administrator_arns = ["111122223333"]

    # user that is a number
    key_user_arns = ["111122223333"]

    # replica policy no json
    replica_regions = { "eu-west-1" = { policy = "{" } }

    # tag name empty
    tags = { "" = "" }

    multi_region = true
  }

  expect_failures = [
    var.aliases,
    var.rotation_period_in_days,
    var.deletion_window_in_days,
    var.policy,
    var.key_administrator_arns,
    var.key_user_arns,
    var.replica_regions,
    var.tags,
  ]
}

run "wrong_inputs_4" {
  command = plan

  variables {
    # alias empty
    aliases = [""]

    # policy of an unknown version
    policy = jsonencode({ Version = "2013-01-01", Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }] })

    # administrator that is a group
    key_administrator_arns = ["arn:aws:iam::111122223333:group/x"]

    # user that is a group
    key_user_arns = ["arn:aws:iam::111122223333:group/x"]

    # replica policy without statements
    replica_regions = { "eu-west-1" = { policy = jsonencode({ Statement = [] }) } }

    # tag name too long
    tags = { (format("%0129d", 0)) = "" }

    multi_region = true
  }

  expect_failures = [
    var.aliases,
    var.policy,
    var.key_administrator_arns,
    var.key_user_arns,
    var.replica_regions,
    var.tags,
  ]
}

run "wrong_inputs_5" {
  command = plan

  variables {
    # alias too long
    aliases = [format("%0251d", 0)]

    # policy with an unknown element
    policy = jsonencode({ Statement = [{ Effect = "Allow", Principle = "*", Principal = "*", Action = "kms:*", Resource = "*" }] })

    # administrator that is a service
    key_administrator_arns = ["logs.amazonaws.com"]

    # user that is a service
    key_user_arns = ["logs.amazonaws.com"]

    # replica policy too large
    replica_regions = { "eu-west-1" = { policy = jsonencode({ Statement = [{ Sid = format("%032768d", 0), Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }] }) } }

    # tag value too long
    tags = { x = format("%0257d", 0) }

    multi_region = true
  }

  expect_failures = [
    var.aliases,
    var.policy,
    var.key_administrator_arns,
    var.key_user_arns,
    var.replica_regions,
    var.tags,
  ]
}

run "wrong_inputs_6" {
  command = plan

  variables {
    # alias twice with and without prefix
    aliases = ["app", "alias/app"]

    # policy without a principal
    policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "kms:*", Resource = "*" }] })

    # administrator without an account
    key_administrator_arns = ["arn:aws:iam:::role/x"]

    # user without an account
    key_user_arns = ["arn:aws:iam:::role/x"]

    # tag with a strange character
    tags = { x = "a;b" }
  }

  expect_failures = [
    var.aliases,
    var.policy,
    var.key_administrator_arns,
    var.key_user_arns,
    var.tags,
  ]
}

run "wrong_inputs_7" {
  command = plan

  variables {
    # more than fifty aliases
    aliases = [for number in range(51) : "app-${number}"]

    # policy without an action
    policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Resource = "*" }] })

    # administrator that is no arn
    key_administrator_arns = ["me"]

    # user that is no arn
    key_user_arns = ["me"]
  }

  expect_failures = [
    var.aliases,
    var.policy,
    var.key_administrator_arns,
    var.key_user_arns,
  ]
}

run "wrong_inputs_8" {
  command = plan

  variables {
    # policy without an effect
    policy = jsonencode({ Statement = [{ Effect = "allow", Principal = "*", Action = "kms:*", Resource = "*" }] })

    # administrator durable root
    key_administrator_arns = ["durable:arn:aws:iam::111122223333:root"]

    # user durable root
    key_user_arns = ["durable:arn:aws:iam::111122223333:root"]
  }

  expect_failures = [
    var.policy,
    var.key_administrator_arns,
    var.key_user_arns,
  ]
}

run "wrong_inputs_9" {
  command = plan

  variables {
    # policy too large
    policy = jsonencode({ Statement = [{ Sid = format("%032768d", 0), Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }] })

    # administrator durable session
    key_administrator_arns = ["durable:arn:aws:sts::111122223333:assumed-role/app/s"]

    # user durable session
    key_user_arns = ["durable:arn:aws:sts::111122223333:assumed-role/app/s"]
  }

  expect_failures = [
    var.policy,
    var.key_administrator_arns,
    var.key_user_arns,
  ]
}

run "wrong_inputs_10" {
  command = plan

  variables {
    # policy with a character that kms refuses
    policy = jsonencode({ Statement = [{ Sid = "日", Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }] })

    # administrator that is no permission set
    key_administrator_arns = ["permission_set:a b"]

    # user that is no permission set
    key_user_arns = ["permission_set:a b"]
  }

  expect_failures = [
    var.policy,
    var.key_administrator_arns,
    var.key_user_arns,
  ]
}

run "wrong_inputs_11" {
  command = plan

  variables {
    # administrator twice
    key_administrator_arns = ["permission_set:A", "permission_set:A"]

    # user twice
    key_user_arns = ["permission_set:A", "permission_set:A"]
  }

  expect_failures = [
    var.key_administrator_arns,
    var.key_user_arns,
  ]
}
