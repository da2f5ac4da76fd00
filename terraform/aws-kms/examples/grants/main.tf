# Grants that are made with the key: one principal may decrypt what carries a pair of the encryption context, and no key
# policy has to say so. What AWS services grant themselves is left alone.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  root = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"
}

module "key" {
  source = "../.."

  description = "Data of which a job exports a part"
  aliases     = ["example-grants"]

  grants = [
    {
      name               = "nightly-export"
      grantee_principal  = local.root
      operations         = ["Decrypt", "DescribeKey"]
      retiring_principal = local.root
      constraints        = { encryption_context_subset = { job = "export" } }
    },
  ]
}
