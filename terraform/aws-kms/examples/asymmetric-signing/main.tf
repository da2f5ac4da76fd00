# A key pair whose private half never leaves KMS: one role signs, and whoever it trusts verifies. KMS does not rotate it.

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

module "key" {
  source = "../.."

  description              = "Signs releases"
  aliases                  = ["example-signing"]
  key_usage                = "SIGN_VERIFY"
  customer_master_key_spec = "ECC_NIST_P256"

  key_user_arns = [
    format(
      "durable:arn:%s:iam::%s:role/release",
      data.aws_partition.current.partition, data.aws_caller_identity.current.account_id,
    ),
  ]
}
