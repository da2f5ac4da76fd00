"""What a careful user tries: nulls, values that no plan knows, `count`, `for_each`, `depends_on`, moved blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from engine_runs import Root

from keywright._internal.terraform.engine import Engine

USAGES = """
terraform {
  required_providers { aws = { source = "hashicorp/aws", version = ">= 6.0, < 7.0" } }
}
provider "aws" {
  region = "us-east-1"
  default_tags { tags = { Owner = "me" } }
}
provider "aws" {
  alias  = "eu"
  region = "eu-west-1"
}
resource "terraform_data" "x" { input = "arn:aws:iam::111122223333:role/app" }
resource "terraform_data" "p" {
  input = jsonencode({ Statement = [{ Effect = "Allow", Principal = "*", Action = "kms:*", Resource = "*" }] })
}
module "plain" { source = "./aws-kms" }
module "nulls" {
  source                             = "./aws-kms"
  description                        = null
  aliases                            = null
  key_usage                          = null
  customer_master_key_spec           = null
  enable_key_rotation                = null
  rotation_period_in_days            = null
  deletion_window_in_days            = null
  is_enabled                         = null
  multi_region                       = null
  policy                             = null
  key_administrator_arns             = null
  key_user_arns                      = null
  key_service_users                  = null
  key_service_pins                   = null
  policy_patterns                    = null
  policy_statements                  = null
  grants                             = null
  enable_default_root_policy         = null
  bypass_policy_lockout_safety_check = null
  replica_regions                    = null
  replica_primary_key_arn            = null
  tags                               = null
}
module "unknown_user" {
  source        = "./aws-kms"
  key_user_arns = [terraform_data.x.output]
  key_administrator_arns = ["durable:${terraform_data.x.output}"]
}
module "unknown_policy" {
  source = "./aws-kms"
  policy = terraform_data.p.output
}
module "unknown_grantee" {
  source = "./aws-kms"
  grants = [{ name = "a", grantee_principal = terraform_data.x.output, operations = ["Decrypt"] }]
}
module "unknown_statement" {
  source            = "./aws-kms"
  policy_statements = [
    { actions = ["kms:Decrypt"], principals = [{ type = "AWS", identifiers = [terraform_data.x.output] }] },
  ]
}
module "unknown_tag" {
  source = "./aws-kms"
  tags   = { a = terraform_data.x.output }
}
module "none" {
  source = "./aws-kms"
  count  = 0
}
module "each" {
  source   = "./aws-kms"
  for_each = toset(["a", "b"])
  aliases  = [each.key]
}
module "after" {
  source          = "./aws-kms"
  depends_on      = [terraform_data.x]
  aliases         = ["after"]
  multi_region    = true
  replica_regions = { "eu-west-2" = {} }
  key_service_users = ["logs.us-east-1.amazonaws.com"]
  policy_statements = [
    { actions = ["*"], principals = [{ type = "Service", identifiers = ["logs.us-east-1.amazonaws.com"] }] },
  ]
}
module "replica_after" {
  source                  = "./aws-kms"
  providers               = { aws = aws.eu }
  depends_on              = [terraform_data.p]
  replica_primary_key_arn = module.after.key_arn
}
module "strings" {
  source                  = "./aws-kms"
  deletion_window_in_days = "7"
  rotation_period_in_days = "90"
  is_enabled              = "false"
}
module "nulls_inside" {
  source          = "./aws-kms"
  multi_region    = true
  replica_regions = { "eu-west-1" = null }
  policy_statements = [{
    effect     = null
    actions    = ["*"]
    principals = [{ type = "*", identifiers = ["*"] }]
    resources  = null
    conditions = null
  }]
}

moved {
  from = module.old
  to   = module.plain
}
output "x" { value = [module.plain, module.each["a"].primary_alias, module.none] }
"""
MADE = {
    "plain": 2,
    "nulls": 2,
    "unknown_user": 2,
    "unknown_policy": 2,
    "unknown_grantee": 3,
    "unknown_statement": 2,
    "unknown_tag": 2,
    "each": 6,
    "after": 4,
    "replica_after": 1,
    "strings": 2,
    "nulls_inside": 3,
}
"""How many resources each call makes: a key and its policy, and what else it asks for."""


def test_usages_are_planned_and_made_as_they_stand(engine: Engine, root: Callable[[Engine, str], Root]) -> None:
    made = root(engine, USAGES)
    changes = {address: action for address, action in made.changes().items() if ".data." not in address}
    planned = Counter(address.split(".")[1].partition("[")[0] for address in changes if address.startswith("module."))
    assert set(changes.values()) == {"create"}
    assert dict(planned) == MADE
    if engine.name == "terraform":
        made.apply()
        # What comes after another resource is read again in each plan, and is then what it was.
        assert set(made.changes().values()) <= {"read"}
