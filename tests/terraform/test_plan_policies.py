"""The key policies of a plan that Terraform itself made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from engine_runs import Root

from keywright._internal.templates.terraform_plan import policies_of_plan
from keywright._internal.terraform.engine import Engine

MAIN = """
provider "aws" { region = "eu-west-1" }
data "aws_caller_identity" "current" {}
locals {
  id      = data.aws_caller_identity.current.account_id
  account = { Effect = "Allow", Principal = { AWS = local.id }, Action = "kms:*", Resource = "*" }
}
resource "aws_kms_key" "written" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [local.account] })
}
resource "aws_kms_key" "plain" {}
resource "aws_kms_key" "apart" {}
resource "aws_kms_key_policy" "later" {
  key_id = aws_kms_key.apart.id
  policy = jsonencode({ Version = "2012-10-17", Id = aws_kms_key.apart.id, Statement = [local.account] })
}
"""


@pytest.mark.parametrize("told", [None, "111122223333"])
def test_known_default_and_later_policies_are_told_apart(
    terraform: Engine, root: Callable[[Engine, str | Path], Root], account: str, told: str | None
) -> None:
    made = root(terraform, MAIN)
    made.must("plan", "-no-color", "-out=plan.bin")
    shown = made.must("show", "-json", "plan.bin").stdout
    found = {item.name: item for item in policies_of_plan(shown, file="plan.json", account=told)}
    assert set(found) == {"aws_kms_key.written", "aws_kms_key.plain", "aws_kms_key_policy.later"}, (
        "a key whose policy stands apart has no other"
    )
    assert account in (found["aws_kms_key.written"].text or "")
    assert (told or account) in (found["aws_kms_key.plain"].text or "")
    assert found["aws_kms_key.plain"].assumptions
    assert found["aws_kms_key_policy.later"].text is None
    assert {item.region for item in found.values()} == {"eu-west-1"}
