"""A saved plan is self-contained, written whole or not at all, and refused once it doesn't fit."""

from __future__ import annotations

import json

from aws_directly import Aws
from command_line import Keywright

KEYS = """\
stack: s
region: us-east-1
keys:
  a: {aliases: [a], tags: {t: v}}
  b: {multi_region: true, replica_regions: {eu-west-1: {}}}
"""


def planned(keywright: Keywright, text: str = KEYS) -> str:
    (keywright.directory / "keys.yaml").write_text(text)
    keywright.run("plan", "keys.yaml", "--out", "plan.json").succeeded()
    return "plan.json"


def test_what_was_planned_is_carried_out_whatever_the_file_says_by_then(keywright: Keywright, aws: Aws) -> None:
    plan = planned(keywright)
    (keywright.directory / "keys.yaml").write_text("not even YAML: [")
    keywright.run("apply", plan, "--yes").succeeded()
    assert list(aws.aliases()) == ["alias/a"]
    assert len(aws.keys("eu-west-1")) == 1
    (keywright.directory / "keys.yaml").write_text(KEYS)
    keywright.run("plan", "keys.yaml", "--detailed-exitcode").succeeded()


def test_each_kind_of_change_by_somebody_else_makes_it_stale(keywright: Keywright, aws: Aws) -> None:
    (keywright.directory / "keys.yaml").write_text(KEYS)
    keywright.run("apply", "keys.yaml", "--yes").succeeded()
    key = aws.aliases()["alias/a"]
    changes = {
        "TagResource": {"KeyId": key, "Tags": [{"TagKey": "x", "TagValue": "y"}]},
        "DisableKey": {"KeyId": key},
        "DeleteAlias": {"AliasName": "alias/a"},
    }
    for operation, parameters in changes.items():
        plan = planned(keywright, KEYS.replace("t: v", "t: w"))
        aws.kms(operation, **parameters)
        stale = keywright.run("apply", plan, "--yes")
        assert stale.code == 2, operation
        assert "`a` has changed on AWS since" in stale.err
        assert "`b`" not in stale.err
        assert aws.tags(key)["t"] == "v"


def test_a_damaged_plan_and_one_of_another_version_are_refused(keywright: Keywright, aws: Aws) -> None:
    plan = planned(keywright)
    path = keywright.directory / plan
    document = json.loads(path.read_text())
    for damaged in (
        {**document, "format_version": 99},
        {**document, "declared": {"a": {"no": 1}}},
        {"format": "keywright-plan"},
    ):
        path.write_text(json.dumps(damaged))
        refused = keywright.run("apply", plan, "--yes")
        assert refused.code == 2
        assert "plan --out" in refused.err
    assert aws.keys() == []


def test_a_plan_of_another_account_is_refused(keywright: Keywright) -> None:
    plan = planned(keywright)
    refused = keywright.run("apply", plan, "--yes", AWS_ACCESS_KEY_ID="900000000001")
    assert refused.code == 2
    assert "900000000001" in refused.err


def test_the_saved_plan_is_readable_and_nothing_is_left_beside_it(keywright: Keywright) -> None:
    plan = planned(keywright)
    document = json.loads((keywright.directory / plan).read_text())
    assert [step["action"] for step in document["keys"]["a"]["steps"]] == ["create", "rotate", "alias"]
    assert "Statement" in document["keys"]["a"]["steps"][0]["after"]["policy"]
    assert sorted(item.name for item in keywright.directory.iterdir()) == ["keys.yaml", "plan.json"]


def test_a_plan_that_has_been_carried_out_changes_nothing_more(keywright: Keywright) -> None:
    plan = planned(keywright)
    keywright.run("apply", plan).succeeded()
    assert "Apply complete: 0 updated, 2 unchanged, 0 failed" in keywright.run("apply", plan).succeeded().out
