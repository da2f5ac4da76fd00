"""What a look at AWS costs: counted, and linear in the keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from aws_directly import Aws
from keywright._internal.aws import Cloud, Patience, Settings
from keywright._internal.keysfile.stack import load_stack
from keywright._internal.lifecycle.apply import apply
from keywright._internal.lifecycle.observation import observe
from keywright._internal.lifecycle.planning import plan_all
from keywright._internal.lifecycle.reporting import Silent
from keywright._internal.lifecycle.target import Target, locate
from keywright._internal.sandbox import Sandbox


@pytest.fixture
def cloud(sandbox: Sandbox, account: str, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    for name, value in sandbox.environment(account).items():
        monkeypatch.setenv(name, value)
    return Cloud(Settings(), patience=Patience(5))


def declared(cloud: Cloud, folder: Path, keys: str) -> tuple[Target, ...]:
    (folder / "keys.yaml").write_text(f"stack: s\nregion: us-east-1\nkeys:\n{keys}")
    stack = load_stack(folder / "keys.yaml")
    return locate(stack, lambda r, region: cloud.caller(r, region=region), None).targets


def applied(cloud: Cloud, targets: tuple[Target, ...]) -> None:
    apply(cloud, plan_all(targets, observe(cloud, targets).states), Silent())


def cost(cloud: Cloud, targets: tuple[Target, ...], *, fresh_tags: bool = False) -> dict[str, int]:
    before = dict(cloud.calls)
    observe(cloud, targets, fresh_tags=fresh_tags, declared=[item.name for item in targets])
    return {name: count - before.get(name, 0) for name, count in cloud.calls.items() if count > before.get(name, 0)}


def test_a_refresh_takes_three_reads_a_key_and_a_page_a_hundred(cloud: Cloud, tmp_path: Path) -> None:
    targets = declared(cloud, tmp_path, "".join(f"  k{i}: {{aliases: [k{i}], tags: {{t: v}}}}\n" for i in range(40)))
    applied(cloud, targets)
    assert cost(cloud, targets) == {
        "GetResources": 1,
        "ListAliases": 1,
        "DescribeKey": 40,
        "GetKeyPolicy": 40,
        "GetKeyRotationStatus": 40,
    }
    fresh = cost(cloud, targets, fresh_tags=True)
    assert fresh["ListResourceTags"] == 40
    assert fresh["ListGrants"] == 40
    assert sum(fresh.values()) <= 5 * 40 + 2


def test_keys_of_others_cost_nothing_once_ones_own_are_indexed(cloud: Cloud, tmp_path: Path, aws: Aws) -> None:
    for _ in range(5):
        aws.kms("CreateKey")
    targets = declared(cloud, tmp_path, "  a: {}\n")
    assert cost(cloud, targets)["ListResourceTags"] == 5  # not there yet: they are looked at, once
    applied(cloud, targets)
    assert "ListResourceTags" not in cost(cloud, targets)


def test_a_family_of_one_stack_is_not_read_twice(cloud: Cloud, tmp_path: Path, aws: Aws) -> None:
    primary = declared(cloud, tmp_path, "  p: {multi_region: true}\n")
    applied(cloud, primary)
    arn = aws.keys()[0]["Arn"]
    both = declared(
        cloud, tmp_path, f"  p: {{multi_region: true}}\n  r: {{region: eu-west-1, replica_primary_key_arn: '{arn}'}}\n"
    )
    applied(cloud, both)
    assert sum(count for name, count in cost(cloud, both).items() if name.startswith(("D", "GetK"))) == 5
