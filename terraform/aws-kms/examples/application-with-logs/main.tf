# A key of an application: its role may use it, and so may CloudWatch Logs for the log groups of this account.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  roles   = "arn:${data.aws_partition.current.partition}:iam::${local.account}:role"
}

module "key" {
  source = "../.."

  description = "Data and logs of the application"
  aliases     = ["example-application", "example-application-logs"]

  # `durable:` matches the role by name, so it survives that the role is deleted and made again.
  key_administrator_arns = ["durable:${local.roles}/kms-admin"]
  key_user_arns          = ["durable:${local.roles}/application"]
  key_service_users      = ["logs.${var.region}.amazonaws.com"]

  rotation_period_in_days = 180
  tags                    = { Application = "example" }
}
