# Patterns of the catalogue in place of statements by hand: CloudTrail may write with the key, and a named role reads
# what it wrote. `keywright policy patterns` lists them.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
}

module "key" {
  source = "../.."

  description = "Trails of this account"
  aliases     = ["example-patterns"]

  policy_patterns = [
    {
      name       = "cloudtrail"
      parameters = { trail_arns = ["arn:${local.partition}:cloudtrail:${var.region}:${local.account}:trail/management"] }
    },
    {
      name       = "cloudtrail-readers"
      parameters = { principal_arns = ["arn:${local.partition}:iam::${local.account}:role/auditor"] }
    },
  ]
}
