"""`keywright export terraform`: a root module that an engine takes, for keys that are new and keys that are there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from engine_runs import MODULE, Root
from typer.testing import CliRunner

from aws_directly import Aws
from keywright._internal.adoption.owners import Owner
from keywright._internal.cli.app import app
from keywright._internal.sandbox import Sandbox
from keywright._internal.terraform.engine import Engine

KEYS = """
stack: payments
region: us-east-1
keys:
  app-data:
    description: 'Of the "app", ${not} a %{template}'
    aliases: [app]
    multi_region: true
    key_service_users: [logs.us-east-1.amazonaws.com]
    replica_regions:
      eu-west-1: {}
      eu-west-2: {description: standby, enabled: false}
    tags: {Team: payments}
  "2.sign":
    region: eu-west-1
    key_usage: SIGN_VERIFY
    customer_master_key_spec: ECC_NIST_P256
  shared:
    statements:
      - sid: Partner
        actions: kms:Decrypt
        principals: {AWS: "arn:aws:iam::444455556666:root"}
        conditions: {StringEquals: {"kms:EncryptionContext:tenant": partner}}
  trails:
    patterns:
      - name: cloudwatch-logs
        parameters: {log_groups: audit}
"""


def _export(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["export", "terraform", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.yaml"
    path.write_text(KEYS)
    return path


def test_an_engine_finds_what_was_written_formatted_and_plans_every_key(
    engine: Engine, file: Path, tmp_path: Path, root: Callable[[Engine, Path], Root]
) -> None:
    out = tmp_path / "out"
    _export(str(file), "--out", str(out), "--source", "../aws-kms")
    made = root(engine, out)
    made.must("fmt", "-check", "-diff")
    changes = made.changes()
    assert set(changes.values()) == {"create"}
    assert {address.split(".")[1] for address in changes} == {"app-data", "_2_sign", "shared", "trails"}


def test_keys_that_are_there_are_imported_and_stay_as_they_are(
    terraform: Engine,
    file: Path,
    tmp_path: Path,
    root: Callable[[Engine, Path], Root],
    sandbox: Sandbox,
    account: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in sandbox.environment(account).items():
        monkeypatch.setenv(name, value)
    applied = CliRunner().invoke(app, ["apply", str(file), "--yes"])
    assert applied.exit_code == 0, applied.output
    out = tmp_path / "out"
    shown = json.loads(_export(str(file), "--out", str(out), "--source", "../aws-kms", "--import", "--json"))
    assert shown["imported"] == ["2.sign", "app-data", "shared", "trails"]
    made = root(terraform, out)
    planned = made.plan()["resource_changes"]
    managed = [item for item in planned if item["mode"] == "managed"]
    assert len(managed) == 11
    assert [item["address"] for item in managed if not item["change"].get("importing")] == []
    changed = {
        name
        for item in managed
        if item["change"]["actions"] != ["no-op"]
        for name, value in item["change"]["after"].items()
        if item["change"]["before"].get(name) != value
    }
    assert changed <= {"deletion_window_in_days", "bypass_policy_lockout_safety_check"}


def test_the_blocks_of_a_hand_over_are_what_an_engine_takes(terraform: Engine, tmp_path: Path) -> None:
    owner = Owner("terraform", "state.json", ("module.keys.aws_kms_key.this", "aws_kms_alias.main"))
    blocks = next(iter(owner.steps())).partition("\n")[2]
    (tmp_path / "removed.tf").write_text(f"{blocks}\n")
    assert terraform.run("fmt", "-check", cwd=tmp_path, env={}, timeout=60).exit_code == 0


def test_adopted_keys_are_imported_and_stay_as_they_are(
    terraform: Engine,
    tmp_path: Path,
    root: Callable[[Engine, Path], Root],
    sandbox: Sandbox,
    aws: Aws,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in sandbox.environment(aws.account).items():
        monkeypatch.setenv(name, value)
    sandbox.enable_regions(aws.account, ["eu-west-1", "us-east-1"])
    own = f"arn:aws:iam::{aws.account}:root"
    usual = {"Sid": "Enable IAM", "Effect": "Allow", "Principal": {"AWS": own}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": [usual]})
    tags = [{"TagKey": "Team", "TagValue": "shop"}]
    named = aws.kms("CreateKey", Policy=policy, Tags=tags, Description="orders")["KeyMetadata"]["KeyId"]
    aws.kms("CreateAlias", AliasName="alias/app/main", TargetKeyId=named)
    aws.kms("EnableKeyRotation", KeyId=named, RotationPeriodInDays=120)
    context = {"EncryptionContextSubset": {"tenant": "one"}}
    aws.kms("CreateGrant", KeyId=named, Name="a/b", GranteePrincipal=own, Operations=["Decrypt"], Constraints=context)
    aws.kms("DisableKey", KeyId=aws.kms("CreateKey", Description="off")["KeyMetadata"]["KeyId"])
    family = aws.kms("CreateKey", MultiRegion=True, Description="family")["KeyMetadata"]["KeyId"]
    aws.kms("ReplicateKey", KeyId=family, ReplicaRegion="eu-west-1", Description="its replica")
    file = tmp_path / "keys.yaml"
    adopting = CliRunner().invoke(app, ["adopt", "--stack", "legacy", "--all", "--yes", "--out", str(file)])
    assert adopting.exit_code == 0, adopting.output
    out = tmp_path / "out"
    _export(str(file), "--out", str(out), "--source", "../aws-kms", "--import")
    assert 'aws_kms_grant.this["a/b"]' in (out / "imports.tf").read_text()
    managed = [item for item in root(terraform, out).plan()["resource_changes"] if item["mode"] == "managed"]
    assert [item["address"] for item in managed if not item["change"].get("importing")] == []
    changed = {
        (item["address"], name)
        for item in managed
        if item["change"]["actions"] != ["no-op"]
        for name, value in item["change"]["after"].items()
        if item["change"]["before"].get(name) != value
    }
    assert {name for _, name in changed} <= {"deletion_window_in_days", "bypass_policy_lockout_safety_check"}


def test_a_provider_is_written_for_each_account_role_and_region(file: Path, tmp_path: Path) -> None:
    file.write_text(
        "stack: s\nregion: us-east-1\nkeys:\n  a: {account: '111122223333'}\n  b:\n    region: eu-west-1\n"
        "    assume_role_arn: arn:aws:iam::444455556666:role/keys\n  c: {account: '111122223333'}\n"
    )
    _export(str(file), "--out", str(tmp_path / "out"))
    text = (tmp_path / "out" / "providers.tf").read_text()
    assert text.count('provider "aws"') == 2
    assert 'allowed_account_ids = ["111122223333"]' in text.replace("[\n    ", "[").replace(",\n  ]", "]")
    assert 'role_arn = "arn:aws:iam::444455556666:role/keys"' in text


def test_the_module_of_this_source_tree_is_the_default_source(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    _export(str(file), "--out", str(out))
    source = (out / "main.tf").read_text().split('source = "')[1].split('"')[0]
    assert (out / source).resolve() == MODULE


def test_a_folder_that_holds_something_is_not_written_to(file: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "main.tf").write_text("mine")
    result = CliRunner().invoke(app, ["export", "terraform", str(file), "--out", str(tmp_path / "out")])
    assert "exists and is not empty" in str(result.exception)
    assert (tmp_path / "out" / "main.tf").read_text() == "mine"
