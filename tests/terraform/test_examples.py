"""Every example of the module is planned on each engine, and made, left alone and destroyed on one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from engine_runs import EXAMPLES, MODULE, Root

from keywright._internal.terraform.engine import Engine

MADE = {
    "application-with-logs": {"aws_kms_key": 1, "aws_kms_key_policy": 1, "aws_kms_alias": 2},
    "asymmetric-signing": {"aws_kms_key": 1, "aws_kms_key_policy": 1, "aws_kms_alias": 1},
    "basic": {"aws_kms_key": 1, "aws_kms_key_policy": 1, "aws_kms_alias": 1},
    "hmac": {"aws_kms_key": 1, "aws_kms_key_policy": 1, "aws_kms_alias": 1},
    "multi-region-inline": {"aws_kms_key": 1, "aws_kms_key_policy": 1, "aws_kms_alias": 1, "aws_kms_replica_key": 2},
    "multi-region-two-providers": {
        "aws_kms_key": 1,
        "aws_kms_key_policy": 1,
        "aws_kms_alias": 2,
        "aws_kms_replica_key": 1,
    },
    "policy-override": {"aws_kms_key": 1, "aws_kms_key_policy": 1, "aws_kms_alias": 1},
    "policy-patterns": {"aws_kms_key": 1, "aws_kms_key_policy": 1, "aws_kms_alias": 1},
    "policy-statements": {"aws_kms_key": 1, "aws_kms_key_policy": 1, "aws_kms_alias": 1},
    "grants": {"aws_kms_key": 1, "aws_kms_key_policy": 1, "aws_kms_alias": 1, "aws_kms_grant": 1},
}
"""What each example makes, by type of resource."""


def test_every_example_has_its_expectation() -> None:
    assert set(EXAMPLES) == set(MADE)


def _all_examples() -> str:
    """One root module of all examples: one run of each command for all of them."""
    calls = (
        f'module "{name}" {{\n  source = "./aws-kms/examples/{name}"\n}}\n\n'
        f'output "{name}" {{\n  value = module.{name}\n}}\n'
        for name in EXAMPLES
    )
    return "\n".join(calls)


def test_each_engine_plans_the_examples(engine: Engine, root: Callable[[Engine, str], Root]) -> None:
    assert _by_example(root(engine, _all_examples()).changes()) == MADE


def test_the_examples_are_made_left_alone_and_destroyed(terraform: Engine, root: Callable[[Engine, str], Root]) -> None:
    """On one engine: that each makes, changes and destroys what it planned is a key's life in test_module_lifecycle."""
    made = root(terraform, _all_examples())
    made.apply()
    assert made.plans_nothing()
    outputs = made.outputs()
    assert outputs["basic"]["primary_alias"] == "alias/example-basic"
    assert sorted(outputs["multi-region-inline"]["replica_key_arns"]) == ["eu-west-1", "eu-west-2"]
    two = outputs["multi-region-two-providers"]
    assert two["replica_key_arn"] == two["primary_key_arn"].replace("us-east-1", "eu-west-1")
    assert outputs["asymmetric-signing"].get("rotation_enabled") is None
    made.destroy()
    assert made.must("state", "list").stdout.split() == []


def _by_example(changes: dict[str, str]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for address, action in changes.items():
        assert action == "create", address
        parts = address.split(".")
        found.setdefault(parts[1], Counter())[parts[4]] += 1
    return {name: dict(counts) for name, counts in sorted(found.items())}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_says_what_it_is_for_and_what_destroying_does(name: str) -> None:
    text = (MODULE / "examples" / name / "README.md").read_text()
    assert text.startswith(f"# {name}\n")
    assert "only schedules the deletion" in text
