"""Several people, or several runs, change the same keys at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from faulting_proxy import FaultingProxy, nothing
from faults_of_aws import deny, interrupt

from aws_directly import Aws
from command_line import Keywright

KEYS = "stack: race\nregion: us-east-1\nkeys:\n  a: {aliases: [a]}\n  b: {aliases: [b]}\n"
RUNS = 8


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.yaml"
    path.write_text(KEYS)
    return path


def test_eight_applies_of_one_file_end_with_one_live_key_a_name(file: Path, keywright: Keywright, aws: Aws) -> None:
    running = [keywright.start("apply", file, "--yes", KEYWRIGHT_RACE_WINDOW=None) for _ in range(RUNS)]
    ends = [one.wait() for one in running]
    assert all("Traceback" not in end.err for end in ends)
    assert any(end.code == 0 for end in ends), "\n".join(end.err for end in ends)
    keywright.run("apply", file, "--yes").succeeded()
    assert sorted(aws.tags(key["KeyId"])["keywright:key"] for key in aws.live()) == ["a", "b"]
    assert {aws.tags(key)["keywright:key"] for key in aws.aliases().values()} == {"a", "b"}
    keywright.run("plan", file, "--detailed-exitcode").succeeded()


def test_a_key_that_another_run_makes_between_two_listings_is_found(
    file: Path, keywright: Keywright, proxy: FaultingProxy, aws: Aws
) -> None:
    tags = [{"TagKey": f"keywright:{name}", "TagValue": value} for name, value in (("stack", "race"), ("key", "a"))]
    proxy.fault = interrupt("ListKeys", lambda: aws.kms("CreateKey", Tags=tags))
    keywright.run("apply", file, "--yes").succeeded()
    assert sorted(aws.tags(key["KeyId"])["keywright:key"] for key in aws.keys()) == ["a", "b"]  # noqa: SIM118 - a method of ours


def test_a_saved_plan_is_refused_once_somebody_else_has_changed_a_key(
    file: Path, keywright: Keywright, aws: Aws, tmp_path: Path
) -> None:
    keywright.run("apply", file, "--yes").succeeded()
    file.write_text(KEYS.replace("{aliases: [a]}", "{aliases: [a], description: mine}"))
    saved = tmp_path / "plan.json"
    keywright.run("plan", file, "--out", saved).succeeded()
    key = aws.aliases()["alias/a"]
    aws.kms("UpdateKeyDescription", KeyId=key, Description="theirs")
    refused = keywright.run("apply", saved, "--yes")
    assert refused.code == 2
    assert "plan" in refused.err
    assert aws.kms("DescribeKey", KeyId=key)["KeyMetadata"]["Description"] == "theirs"


def test_a_saved_plan_is_carried_out_where_aws_has_not_moved(
    file: Path, keywright: Keywright, aws: Aws, tmp_path: Path
) -> None:
    saved = tmp_path / "plan.json"
    keywright.run("plan", file, "--out", saved).succeeded()
    keywright.run("apply", saved, "--yes").succeeded()
    assert sorted(aws.aliases()) == ["alias/a", "alias/b"]
    again = keywright.run("apply", saved).succeeded()
    assert "0 updated, 2 unchanged" in again.out
    assert len(aws.keys()) == 2


def test_a_saved_plan_is_carried_out_to_its_end_after_it_failed_in_part(
    file: Path, keywright: Keywright, proxy: FaultingProxy, aws: Aws, tmp_path: Path
) -> None:
    saved = tmp_path / "plan.json"
    keywright.run("plan", file, "--out", saved).succeeded()
    proxy.fault = deny("CreateAlias")
    assert keywright.run("apply", saved).code == 2
    assert len(aws.keys()) == 2
    proxy.fault = nothing
    keywright.run("apply", saved).succeeded()
    assert sorted(aws.aliases()) == ["alias/a", "alias/b"]
    assert len(aws.keys()) == 2


def test_an_alias_that_somebody_takes_in_the_middle_of_an_apply_stays_theirs(
    file: Path, keywright: Keywright, proxy: FaultingProxy, aws: Aws
) -> None:
    foreign = aws.kms("CreateKey", Tags=[{"TagKey": "owner", "TagValue": "them"}])["KeyMetadata"]["KeyId"]
    proxy.fault = interrupt("CreateKey", lambda: aws.kms("CreateAlias", AliasName="alias/a", TargetKeyId=foreign))
    refused = keywright.run("apply", file, "--yes")
    assert refused.code == 2
    assert foreign in refused.err
    assert aws.aliases()["alias/a"] == foreign
    aws.kms("DeleteAlias", AliasName="alias/a")
    keywright.run("apply", file, "--yes").succeeded()
    assert len(aws.live()) == 3


def test_a_change_by_hand_in_the_middle_of_an_apply_is_found_by_the_next_plan(
    file: Path, keywright: Keywright, proxy: FaultingProxy, aws: Aws
) -> None:
    keywright.run("apply", file, "--yes").succeeded()
    key = aws.aliases()["alias/a"]
    file.write_text(KEYS.replace("{aliases: [a]}", "{aliases: [a], description: mine}"))
    proxy.fault = interrupt("UpdateKeyDescription", lambda: aws.kms("DisableKey", KeyId=key))
    assert keywright.run("apply", file, "--yes", KEYWRIGHT_AWS_PATIENCE="2").code in {0, 2}
    plan = keywright.run("plan", file, "--detailed-exitcode", "--json")
    assert plan.code == 1
    assert "enable" in json.dumps(plan.document)
