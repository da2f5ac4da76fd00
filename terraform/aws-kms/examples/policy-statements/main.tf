# Statements of one's own beside the generated ones: a partner account may decrypt what is its own, by the encryption
# context, and nobody may schedule the deletion without a second factor.

provider "aws" {
  region = var.region
}

data "aws_partition" "current" {}

module "key" {
  source = "../.."

  description = "Data that is shared with a partner"
  aliases     = ["example-statements"]

  policy_statements = [
    {
      sid     = "PartnerDecrypts"
      actions = ["kms:Decrypt", "kms:DescribeKey"]
      principals = [
        { type = "AWS", identifiers = ["arn:${data.aws_partition.current.partition}:iam::${var.partner_account}:root"] },
      ]
      conditions = [
        { test = "StringEquals", variable = "kms:EncryptionContext:tenant", values = ["partner"] },
      ]
    },
    {
      sid        = "DeletionNeedsMFA"
      effect     = "Deny"
      actions    = ["kms:ScheduleKeyDeletion"]
      principals = [{ type = "*", identifiers = ["*"] }]
      conditions = [
        { test = "BoolIfExists", variable = "aws:MultiFactorAuthPresent", values = ["false"] },
      ]
    },
  ]
}
