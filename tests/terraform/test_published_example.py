"""The published way to a replica by two instances, word for word, from nothing in one run."""

from __future__ import annotations

from collections.abc import Callable

from engine_runs import Root

from keywright._internal.terraform.engine import Engine

PUBLISHED = """
provider "aws" { region = "us-east-1" }
provider "aws" {
  alias  = "eu"
  region = "eu-west-1"
}
module "kms_primary" {
  source       = "./aws-kms"
  aliases      = ["my-app"]
  multi_region = true
}
module "kms_replica_eu" {
  source                  = "./aws-kms"
  providers               = { aws = aws.eu }
  aliases                 = ["my-app"]
  replica_primary_key_arn = module.kms_primary.key_arn
  replica_regions         = { "eu-west-1" = {} }
}
"""
_OUTPUTS = """
output "primary" { value = module.kms_primary }
output "replica" { value = module.kms_replica_eu }
"""


def test_each_engine_plans_it_from_nothing(engine: Engine, root: Callable[[Engine, str], Root]) -> None:
    changes = root(engine, PUBLISHED + _OUTPUTS).changes()
    assert set(changes.values()) == {"create"}
    assert {address for address in changes if address.startswith("module.kms_replica_eu.")} == {
        "module.kms_replica_eu.aws_kms_replica_key.this[0]",
        'module.kms_replica_eu.aws_kms_alias.this["alias/my-app"]',
    }


def test_it_is_planned_made_left_alone_and_destroyed_in_one_run_each(
    terraform: Engine, root: Callable[[Engine, str], Root]
) -> None:
    made = root(terraform, PUBLISHED + _OUTPUTS)
    made.apply()
    assert made.plans_nothing()
    primary, replica = made.outputs()["primary"], made.outputs()["replica"]
    assert primary["primary_alias"] == replica["primary_alias"] == "alias/my-app"
    assert replica["key_arn"] == primary["key_arn"].replace("us-east-1", "eu-west-1")
    assert replica["replica_key_arns"] == {}
    described = '{ "eu-west-1" = { description = "here", enabled = false, deletion_window_in_days = 9 } }'
    (made.folder / "main.tf").write_text(PUBLISHED.replace('{ "eu-west-1" = {} }', described))
    (change,) = [item for item in made.plan()["resource_changes"] if item["change"]["actions"] != ["no-op"]]
    after = change["change"]["after"]
    assert (change["address"], change["change"]["actions"]) == (
        "module.kms_replica_eu.aws_kms_replica_key.this[0]",
        ["update"],
    )
    assert (after["description"], after["enabled"], after["deletion_window_in_days"]) == ("here", False, 9)
    further = PUBLISHED.replace('{ "eu-west-1" = {} }', '{ "eu-west-1" = {}, "eu-west-2" = {} }')
    (made.folder / "main.tf").write_text(further)
    assert made.changes() == {'module.kms_replica_eu.aws_kms_replica_key.region["eu-west-2"]': "create"}
    (made.folder / "main.tf").write_text(PUBLISHED)
    made.destroy()
    assert made.must("state", "list").stdout.split() == []
