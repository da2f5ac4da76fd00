"""What keys cost: each key and each replica a dollar a month, and two rotations at most a dollar more each."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import CommandLine
from keywright._internal.keysfile.stack import load_stack
from keywright._internal.model.pricing import costs, total


@pytest.mark.parametrize(
    ("fields", "now", "later"),
    [
        ("", 1, 3),
        ("enable_key_rotation: false", 1, 1),
        ("rotation_period_in_days: 90", 1, 3),
        ("is_enabled: false", 1, 3),
        ("multi_region: true, replica_regions: {eu-west-1: {}, eu-west-2: {}}", 3, 9),
        ("key_usage: SIGN_VERIFY, customer_master_key_spec: ECC_NIST_P256", 1, 1),
    ],
    ids=["rotating", "not rotating", "rotating often", "disabled", "two replicas", "asymmetric"],
)
def test_the_cost_of_a_key(fields: str, now: float, later: float, tmp_path: Path) -> None:
    (tmp_path / "keys.yaml").write_text(f"stack: s\nregion: us-east-1\nkeys: {{app: {{{fields}}}}}\n")
    found = costs(load_stack(tmp_path / "keys.yaml"))
    assert (total(found), total(found, at_most=True)) == (now, later)


def test_a_key_of_another_partition_has_no_price_and_is_named_as_such(tmp_path: Path, offline: CommandLine) -> None:
    (tmp_path / "keys.yaml").write_text("stack: s\nkeys: {here: {region: us-east-1}, there: {region: cn-north-1}}\n")
    document = offline.run("cost", "keys.yaml", "--json", directory=tmp_path).document
    text = offline.run("cost", "keys.yaml", directory=tmp_path).out
    assert [key["month"] for key in document["keys"]] == [1, None]
    assert (document["month"], document["month_at_most"], document["without_price"]) == (1, 3, 1)
    assert "there (cn-north-1)" in text
    assert "not in the total" in text
