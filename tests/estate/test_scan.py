"""`keywright scan` on the embedded AWS: it reads every key, loses nothing silently, and goes on after a kill."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from aws_directly import Aws
from command_line import Keywright
from keywright._internal.estate.estate_file import EstateFile
from keywright._internal.sandbox import Sandbox

EUROPE = "eu-west-1"
HOME = "us-east-1"
FIELDS = {
    "arn", "account", "region", "aliases", "state", "spec", "usage", "origin", "multi_region", "rotation", "tags",
    "grants", "findings", "claims", "managed_by",
}  # fmt: skip


def policy(account: str, *statements: dict[str, Any]) -> str:
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [root, *statements]})


def make(aws: Aws, alias: str | None = None, region: str = HOME, **parameters: Any) -> str:
    arn: str = aws.kms("CreateKey", region, **parameters)["KeyMetadata"]["Arn"]
    if parameters.get("Origin", "AWS_KMS") == "AWS_KMS" and "KeySpec" not in parameters:
        aws.kms("EnableKeyRotation", region, KeyId=arn)
    if alias:
        aws.kms("CreateAlias", region, AliasName=f"alias/{alias}", TargetKeyId=arn)
    return arn


def keys(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["arn"]: item for item in document["keys"]}


@pytest.fixture
def two_regions(sandbox: Sandbox, account: str) -> None:
    sandbox.enable_regions(account, [EUROPE, HOME])


@pytest.mark.usefixtures("two_regions")
def test_every_key_of_every_enabled_region_is_told_with_all_that_aws_knows_of_it(
    aws: Aws, keywright: Keywright
) -> None:
    tags = [{"TagKey": "Team", "TagValue": "shop"}]
    plain = make(aws, "shop", Description="what it is for", Tags=tags)
    grantee = aws.make_role("app")
    aws.kms("CreateGrant", KeyId=plain, GranteePrincipal=grantee, Operations=["Decrypt"], Name="nightly")
    signing = make(aws, region=EUROPE, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    done = keywright.run("scan", "--json").succeeded().document
    assert set(done) >= {"format_version", "keys", "not_read", "calls"}
    found = keys(done)
    assert set(found) == {plain, signing}
    assert set(found[plain]) >= FIELDS
    assert found[plain]["aliases"] == ["alias/shop"]
    assert found[plain]["tags"] == {"Team": "shop"}
    assert found[plain]["rotation"] == {"enabled": True, "period_in_days": 365}
    assert [(item["name"], item["grantee"]) for item in found[plain]["grants"]] == [("nightly", grantee)]
    assert found[signing]["rotation"] is None
    assert done["not_read"] == []


@pytest.mark.usefixtures("two_regions")
def test_a_key_costs_five_calls_and_an_empty_region_one(aws: Aws, keywright: Keywright) -> None:
    for number in range(4):
        make(aws, f"k{number}")
    calls = keywright.run("scan", "--json").document["calls"]
    once = {"GetCallerIdentity": 1, "DescribeRegions": 1, "ListKeys": 2, "ListAliases": 1}
    a_key = ("DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags", "ListGrants")
    assert calls == {**once, **dict.fromkeys(a_key, 4)}


@pytest.mark.usefixtures("two_regions")
def test_one_unreadable_key_costs_a_line_and_exit_2_and_hides_no_other(
    aws: Aws, keywright: Keywright, sandbox: Sandbox
) -> None:
    closed, half, fine = (make(aws, name) for name in ("closed", "half", "fine"))
    sandbox.refuse(key=closed.rpartition("/")[2], account=aws.account)
    sandbox.refuse("GetKeyPolicy", key=half.rpartition("/")[2], account=aws.account)
    run = keywright.run("scan", "--json")
    assert run.code == 2
    found = keys(run.document)
    assert set(found) == {closed, half, fine}
    assert (found[closed]["state"], found[closed]["tags"], found[closed]["grants"]) == (None, None, None)
    assert found[half]["state"] == "Enabled"
    assert {claim["verdict"] for claim in found[half]["claims"]} == {"UNKNOWN"}
    assert {claim["verdict"] for claim in found[fine]["claims"]} == {"PROVED"}
    named = {(item["key"], item["operation"]) for item in run.document["not_read"]}
    of_closed = {(closed, name) for name in ("DescribeKey", "GetKeyPolicy", "ListResourceTags", "ListGrants")}
    assert named == {(half, "GetKeyPolicy"), *of_closed}
    assert all("not authorized" in item["reason"] for item in run.document["not_read"])


@pytest.mark.usefixtures("two_regions")
def test_a_region_that_refuses_is_named_and_the_others_are_read(
    aws: Aws, keywright: Keywright, sandbox: Sandbox
) -> None:
    arn = make(aws)
    sandbox.refuse(account=aws.account, region=EUROPE)
    run = keywright.run("scan", "--json")
    assert run.code == 2
    assert list(keys(run.document)) == [arn]
    (line,) = run.document["not_read"]
    assert (line["region"], line["operation"], line["key"]) == (EUROPE, "ListKeys", None)


@pytest.mark.usefixtures("two_regions")
def test_keys_of_every_state_and_origin_cost_no_line(aws: Aws, keywright: Keywright) -> None:
    states = {
        make(aws, Origin="EXTERNAL"): "PendingImport",
        make(aws, Origin="AWS_CLOUDHSM", CustomKeyStoreId="cks-1234567890abcdef0"): "Enabled",
    }
    pending, disabled = make(aws, "going"), make(aws)
    aws.kms("ScheduleKeyDeletion", KeyId=pending, PendingWindowInDays=7)
    aws.kms("DisableKey", KeyId=disabled)
    run = keywright.run("scan", "--json", "--last-use")
    found = keys(run.document)
    assert {arn: item["state"] for arn, item in found.items()} == states | {
        pending: "PendingDeletion",
        disabled: "Disabled",
    }
    assert run.document["not_read"] == []
    assert [item["id"] for item in run.document["findings"]] == ["KW708"]
    assert [item["id"] for item in found[pending]["findings"]] == ["KW704"]
    assert "KW705" in {item["id"] for item in found[disabled]["findings"]}


@pytest.mark.usefixtures("two_regions")
def test_a_report_of_the_snapshot_says_what_the_scan_said(aws: Aws, keywright: Keywright) -> None:
    make(aws, "open", Policy=policy(aws.account, {
        "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
    }))  # fmt: skip
    scanned = keywright.run("scan", "--json", "--out", "estate.db")
    reported = keywright.run("report", "estate.db", "--json", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert (scanned.code, reported.code) == (1, 1)
    assert scanned.document == reported.document
    log = keywright.run("report", "estate.db", "--sarif").succeeded().document
    results = log["runs"][0]["results"]
    assert "KW101" in {item["ruleId"] for item in results}
    rules = {item["id"] for item in log["runs"][0]["tool"]["driver"]["rules"]}
    assert {item["ruleId"] for item in results} <= rules
    assert "alias/open" in keywright.run("report", "estate.db").out


@pytest.mark.usefixtures("two_regions")
def test_a_killed_scan_keeps_what_it_read_and_goes_on_without_reading_it_again(aws: Aws, keywright: Keywright) -> None:
    made = {make(aws) for _ in range(60)}
    out = keywright.directory / "estate.db"
    running = keywright.start("scan", "--json", "--out", out)
    while not _keys_read(out):
        time.sleep(0.005)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    kept = _keys_read(out)
    assert kept
    stopped = keywright.run("report", out, "--json")
    assert stopped.code == 2
    assert "--resume" in stopped.document["not_read"][0]["reason"]
    assert keywright.run("scan", "--out", out).code == 2
    resumed = keywright.run("scan", "--json", "--out", out, "--resume").succeeded().document
    assert set(keys(resumed)) == made
    assert resumed["calls"]["GetKeyPolicy"] == 60 - kept
    assert not out.with_name("estate.db-wal").exists()


def _keys_read(path: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM key WHERE read_at IS NOT NULL").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


@pytest.mark.usefixtures("two_regions")
def test_aliases_that_could_not_be_listed_are_not_said_to_be_none(
    aws: Aws, keywright: Keywright, sandbox: Sandbox
) -> None:
    there = make(aws, "app", EUROPE)
    sandbox.refuse("ListAliases", region=HOME, account=aws.account)
    here = make(aws)
    run = keywright.run("scan", "--json")
    assert run.code == 2
    assert keys(run.document)[here]["aliases"] is None
    assert keys(run.document)[there]["aliases"] == ["alias/app"]


@pytest.mark.usefixtures("two_regions")
def test_resuming_reads_what_the_scan_was_asked_for_without_saying_it_again(aws: Aws, keywright: Keywright) -> None:
    here = make(aws)
    make(aws, region=EUROPE)
    keywright.run("scan", "--out", "estate.db", "--region", HOME)
    resumed = keywright.run("scan", "--out", "estate.db", "--resume", "--json").succeeded().document
    assert set(keys(resumed)) == {here}
    assert resumed["scanned"]["regions"] == 1


@pytest.mark.usefixtures("two_regions")
def test_resuming_tries_again_what_could_not_be_read(aws: Aws, keywright: Keywright, sandbox: Sandbox) -> None:
    arn = make(aws)
    closed = "estate.db"
    # A Region that isn't enabled for the first run stands for one that refuses for a while.
    keywright.run("scan", "--out", closed)
    with EstateFile.read(keywright.directory / closed) as estate:
        assert estate.finished_at is not None
    sandbox.refuse("ListGrants", key=arn.rpartition("/")[2], account=aws.account)
    assert keywright.run("scan", "--out", closed).code == 2  # a finished snapshot is replaced
    again = keywright.run("scan", "--out", closed, "--resume", "--json")
    assert again.code == 2
    assert again.document["calls"]["DescribeKey"] == 2
    other = keywright.run("scan", "--out", closed, "--resume", "--region", HOME)
    assert (other.code, "other options" in other.err) == (2, True)


def test_accounts_are_entered_by_their_role_and_one_that_cannot_be_costs_a_line(
    aws: Aws, account: str, keywright: Keywright, sandbox: Sandbox
) -> None:
    other = f"9{account[1:]}"
    theirs = Aws(sandbox.endpoint_url, other)
    mine, foreign = make(aws), make(theirs)
    for number in (account, other):
        sandbox.enable_regions(number, [HOME])
    run = keywright.run("scan", "--json", "--account-role", "reader", "--account", account, "--account", other)
    assert set(keys(run.succeeded().document)) == {mine, foreign}
    assert run.document["calls"]["AssumeRole"] == 1


@pytest.mark.parametrize("options", [(), ("--region", HOME, "--region", EUROPE)])
def test_an_account_that_cannot_be_entered_costs_one_line(
    aws: Aws, account: str, keywright: Keywright, sandbox: Sandbox, options: tuple[str, ...]
) -> None:
    sandbox.enable_regions(account, [HOME])
    mine, other = make(aws), f"9{account[1:]}"
    sandbox.refuse("AssumeRole", key=f"arn:aws:iam::{other}:role/*")
    named = ("--account-role", "reader", "--account", account, "--account", other)
    run = keywright.run("scan", "--json", *named, *options)
    assert run.code == 2
    assert list(keys(run.document)) == [mine]
    (line,) = run.document["not_read"]
    assert (line["account"], line["region"], line["operation"]) == (other, None, "AssumeRole")
    assert "not authorized to perform: sts:AssumeRole" in line["reason"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--json", "--sarif"), "exclude"),
        (("--resume",), "--out"),
        (("--region", "us-east-9"), "not an AWS Region"),
        (("--org",), "--account-role"),
        (("--account-role", "reader"), "--org"),
        (("--account-role", "reader", "--account", "12"), "twelve digits"),
        (("--trusted-org", "mine"), "organization"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_any_call(
    keywright: Keywright, arguments: tuple[str, ...], words: str
) -> None:
    run = keywright.run("scan", *arguments, AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert run.code == 2
    assert words in run.out + run.err


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\0" * 100])
def test_what_is_no_snapshot_is_refused(keywright: Keywright, content: bytes) -> None:
    path = keywright.directory / "file.db"
    path.write_bytes(content)
    run = keywright.run("report", path)
    assert run.code == 2
    assert "error[" in run.err
    assert "Traceback" not in run.err


def test_the_accounts_of_an_organization_are_read_and_a_suspended_one_is_named(
    aws: Aws, account: str, keywright: Keywright, sandbox: Sandbox
) -> None:
    mine = make(aws)
    organization = client(aws, "organizations")
    members = [_member(organization, name) for name in ("shop", "closed")]
    organization.close_account(AccountId=members[1])
    theirs = Aws(sandbox.endpoint_url, members[0])
    foreign = make(theirs)
    for number in (account, *members):
        sandbox.enable_regions(number, [HOME])
    run = keywright.run("scan", "--json", "--org", "--account-role", "reader")
    assert run.code == 2
    assert set(keys(run.document)) == {mine, foreign}
    (line,) = run.document["not_read"]
    assert (line["account"], line["operation"]) == (members[1], "AssumeRole")


def _member(organization: Any, name: str) -> str:
    made = organization.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]
    shown = organization.describe_create_account_status(CreateAccountRequestId=made["Id"])["CreateAccountStatus"]
    number: str = shown["AccountId"]
    return number


def client(aws: Aws, service: str) -> Any:
    import boto3  # noqa: PLC0415 - one test's client

    return boto3.client(
        service, HOME, endpoint_url=aws.endpoint, aws_access_key_id=aws.account, aws_secret_access_key="x"
    )
