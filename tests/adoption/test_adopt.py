"""`keywright adopt` on the embedded AWS: a plan of the file is empty, no policy is written, and it can be undone."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from aws_directly import Aws
from command_line import Keywright
from keywright._internal.sandbox import Sandbox

EUROPE = "eu-west-1"
HOME = "us-east-1"
IDENTITY = ("keywright:stack", "keywright:key")
DOCUMENTED = Path(__file__).parents[1] / "proof" / "aws_documented"


def root(account: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}


def policy(account: str, *statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [root(account), *statements]})


def make(aws: Aws, alias: str | None = None, region: str = HOME, **parameters: Any) -> str:
    arn: str = aws.kms("CreateKey", region, **parameters)["KeyMetadata"]["Arn"]
    if alias:
        aws.kms("CreateAlias", region, AliasName=f"alias/{alias}", TargetKeyId=arn)
    return arn


def region_of(arn: str) -> str:
    return arn.split(":")[3]


def policy_of(aws: Aws, arn: str) -> str:
    text: str = aws.kms("GetKeyPolicy", region_of(arn), KeyId=arn, PolicyName="default")["Policy"]
    return text


@pytest.fixture(autouse=True)
def two_regions(sandbox: Sandbox, account: str) -> None:
    sandbox.enable_regions(account, [EUROPE, HOME])


def odd_estate(aws: Aws) -> dict[str, str]:
    """Keys of many kinds, by what is odd about each."""
    account = aws.account
    family = aws.kms("CreateKey", MultiRegion=True, Description="family")["KeyMetadata"]["KeyId"]
    aws.kms("ReplicateKey", KeyId=family, ReplicaRegion=EUROPE, Description="its replica")
    made = {
        "plain": make(aws, "plain", Description="what it is for"),
        "without alias": make(aws),
        "two aliases": make(aws, "app/two"),
        "public": make(aws, Policy=policy(account, {**root(account), "Principal": "*", "Action": "kms:Decrypt"})),
        "one role alone": make(
            aws,
            Policy=json.dumps({"Statement": {**root(account), "Principal": {"AWS": f"arn:aws:iam::{account}:role/r"}}}),
            BypassPolicyLockoutSafetyCheck=True,
        ),
        "old version": make(aws, Policy=json.dumps({"Version": "2008-10-17", "Id": "x", "Statement": [root(account)]})),
        "no resource": make(
            aws, Policy=policy(account, {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt"})
        ),
        "signing": make(aws, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY"),
        "hmac": make(aws, "hmac", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"),
        "disabled": make(aws, "off"),
        "rotated": make(aws, "rotated"),
        "tags": make(aws, Tags=[{"TagKey": f"t {n}", "TagValue": text} for n, text in enumerate(ODD_TEXTS)]),
        "described": make(aws, Description="line\nbreak: 'quoted' # no comment"),
        "same alias elsewhere": make(aws, "plain", EUROPE),
        "family": f"arn:aws:kms:{HOME}:{account}:key/{family}",
        "granted": make(aws, "granted"),
    }
    aws.kms("CreateAlias", AliasName="alias/app/one", TargetKeyId=made["two aliases"])
    aws.kms("DisableKey", KeyId=made["disabled"])
    aws.kms("EnableKeyRotation", KeyId=made["rotated"], RotationPeriodInDays=120)
    aws.kms("CreateGrant", KeyId=made["granted"], GranteePrincipal=aws.make_role("app"), Operations=["Decrypt"])
    return made


ODD_TEXTS = ("on", "012", "1e5", "0o17", "null", "a: b", "yes", "2026-01-01", "", "café")


def test_every_kind_of_key_is_adopted_with_an_empty_plan_and_its_policy_untouched(
    aws: Aws, keywright: Keywright
) -> None:
    made = odd_estate(aws)
    before = {arn: policy_of(aws, arn) for arn in made.values()}
    found = keywright.run("adopt", "--stack", "legacy", "--all", "--yes", "--json").succeeded().document
    assert {arn for item in found["keys"].values() for arn in item["arns"]} >= set(made.values())
    assert found["refused"] == {}
    planned = keywright.run("plan", "keys.yaml", "--json", "--detailed-exitcode").succeeded()
    assert planned.document["changes"] == {}
    assert {arn: policy_of(aws, arn) for arn in made.values()} == before
    assert keywright.run("verify", "keys.yaml", "--no-use").code == 0
    again = keywright.run("adopt", "--stack", "legacy", "--all", "--yes", "--json").succeeded().document
    assert all(item["tags"] == {} for item in again["keys"].values())


def test_without_yes_only_the_file_is_written(aws: Aws, keywright: Keywright) -> None:
    arn = make(aws, "shop")
    run = keywright.run("adopt", "--stack", "legacy", "alias/shop").succeeded()
    assert "to be tagged" in run.out
    assert "nothing on AWS is changed without --yes" in run.err
    assert (keywright.directory / "keys.yaml").exists()
    assert dict(aws.tags(arn)) == {}


def test_named_grants_are_declared_as_they_are_and_nothing_but_the_identity_is_written(
    aws: Aws, keywright: Keywright
) -> None:
    role, arn = aws.make_role("app"), make(aws, "shop")
    context = {"EncryptionContextSubset": {"tenant": "one"}}
    aws.kms("CreateGrant", KeyId=arn, Name="reader", GranteePrincipal=role, Operations=["Decrypt"], Constraints=context)
    aws.kms("CreateGrant", KeyId=arn, GranteePrincipal=role, Operations=["Encrypt"])
    (item,) = keywright.run("adopt", "--stack", "s", "--all", "--yes", "--json").succeeded().document["keys"].values()
    (note,) = item["notes"]
    assert note.startswith("1 grant not declared, which stays as it is")
    (declared,) = yaml.safe_load((keywright.directory / "keys.yaml").read_text())["keys"]["shop"]["grants"]
    assert declared == {
        "name": "reader",
        "grantee_principal": role,
        "operations": ["Decrypt"],
        "constraints": {"encryption_context_subset": {"tenant": "one"}},
    }
    assert set(aws.tags(arn)) == set(IDENTITY)
    assert keywright.run("plan", "keys.yaml", "--detailed-exitcode").code == 0


def test_an_adopted_grant_that_is_declared_differently_is_made_anew_in_one_apply(
    aws: Aws, keywright: Keywright
) -> None:
    role, arn = aws.make_role("app"), make(aws, "shop")
    aws.kms("CreateGrant", KeyId=arn, Name="reader", GranteePrincipal=role, Operations=["Decrypt", "Encrypt"])
    keywright.run("adopt", "--stack", "s", "--all", "--yes").succeeded()
    file = keywright.directory / "keys.yaml"
    file.write_text(re.sub(r" +- Encrypt\n", "", file.read_text()))
    keywright.run("apply", "keys.yaml", "--yes").succeeded()
    (left,) = aws.kms("ListGrants", KeyId=arn)["Grants"]
    assert left["Operations"] == ["Decrypt"]
    assert aws.tags(arn)["keywright:grants"] == "reader"
    assert keywright.run("plan", "keys.yaml", "--detailed-exitcode").code == 0


def test_an_adopted_grant_that_somebody_revokes_is_drift(aws: Aws, keywright: Keywright) -> None:
    role, arn = aws.make_role("app"), make(aws, "shop")
    aws.kms("CreateGrant", KeyId=arn, Name="reader", GranteePrincipal=role, Operations=["Decrypt"])
    keywright.run("adopt", "--stack", "s", "--all", "--yes").succeeded()
    keywright.run("drift", "keys.yaml").succeeded()
    aws.kms("RevokeGrant", KeyId=arn, GrantId=aws.kms("ListGrants", KeyId=arn)["Grants"][0]["GrantId"])
    assert keywright.run("drift", "keys.yaml").code == 1


def test_a_family_is_one_key_of_the_file(aws: Aws, keywright: Keywright) -> None:
    made = aws.kms("CreateKey", MultiRegion=True)["KeyMetadata"]["Arn"]
    aws.kms("ReplicateKey", KeyId=made, ReplicaRegion=EUROPE)
    replica = made.replace(HOME, EUROPE)
    found = keywright.run("adopt", "--stack", "legacy", replica, "--yes", "--json").succeeded().document
    (item,) = found["keys"].values()
    assert item["arns"] == [made, replica]
    assert all(set(IDENTITY) <= set(aws.tags(arn, region_of(arn))) for arn in (made, replica))
    assert keywright.run("plan", "keys.yaml", "--detailed-exitcode").code == 0


def test_a_replica_with_tags_of_its_own_is_left_out_and_said_so(aws: Aws, keywright: Keywright) -> None:
    made = aws.kms("CreateKey", MultiRegion=True)["KeyMetadata"]["Arn"]
    aws.kms("ReplicateKey", KeyId=made, ReplicaRegion=EUROPE, Tags=[{"TagKey": "Own", "TagValue": "1"}])
    found = keywright.run("adopt", "--stack", "legacy", made, "--yes", "--json").succeeded().document
    (item,) = found["keys"].values()
    assert item["arns"] == [made]
    assert "other tags" in item["notes"][0]
    assert keywright.run("plan", "keys.yaml", "--detailed-exitcode").code == 0


def test_what_a_keys_file_cannot_hold_is_refused_with_its_reason(aws: Aws, keywright: Keywright) -> None:
    going, foreign = make(aws, "going"), make(aws)
    aws.kms("ScheduleKeyDeletion", KeyId=going, PendingWindowInDays=7)
    aws.kms("TagResource", KeyId=foreign, Tags=[{"TagKey": "keywright:stack", "TagValue": "theirs"}])
    full = [{"TagKey": f"t{number}", "TagValue": ""} for number in range(49)]
    reasons = {
        going: "pending deletion",
        foreign: "belongs to the stack `theirs`",
        make(aws, Origin="EXTERNAL"): "imported",
        make(aws, Origin="AWS_CLOUDHSM", CustomKeyStoreId="cks-1234567890abcdef0"): "custom key store",
        make(aws, Tags=full): "no room",
    }
    run = keywright.run("adopt", "--stack", "legacy", "--all", "--json")
    assert run.code == 1
    refused = run.document["refused"]
    assert set(refused) == set(reasons)
    assert all(words in refused[arn]["reason"] for arn, words in reasons.items())


def test_a_key_that_cannot_be_read_is_refused_and_the_others_are_adopted(
    aws: Aws, keywright: Keywright, sandbox: Sandbox
) -> None:
    closed, fine = make(aws), make(aws)
    sandbox.refuse("GetKeyPolicy", key=closed.rpartition("/")[2], account=aws.account)
    run = keywright.run("adopt", "--stack", "legacy", "--all", "--json", "--yes")
    assert run.code == 2
    assert [item["arns"] for item in run.document["keys"].values()] == [[fine]]
    assert "GetKeyPolicy failed" in run.document["refused"][closed]["reason"]


@pytest.mark.parametrize("operation", ["DescribeKey", "ListResourceTags", "ListAliases"])
def test_what_failed_is_the_reason_why_a_key_is_not_adopted(
    operation: str, aws: Aws, keywright: Keywright, sandbox: Sandbox
) -> None:
    arn = make(aws, "shop")
    sandbox.refuse(operation, account=aws.account)
    run = keywright.run("adopt", "--stack", "legacy", "--all", "--json")
    assert run.code == 2
    assert run.document["keys"] == {}
    assert run.document["refused"][arn]["reason"] == f"it could not be read: {operation} failed"


def test_a_family_of_which_a_replica_was_not_read_is_refused(aws: Aws, keywright: Keywright) -> None:
    made = aws.kms("CreateKey", MultiRegion=True)["KeyMetadata"]["Arn"]
    aws.kms("ReplicateKey", KeyId=made, ReplicaRegion=EUROPE)
    keywright.run("scan", "--region", HOME, "--out", "estate.db")
    run = keywright.run("adopt", "--stack", "legacy", "--all", "--from", "estate.db", "--json")
    assert run.code == 1
    assert run.document["refused"][made]["reason"] == f"its replica {made.replace(HOME, EUROPE)} was not read"


def test_an_alias_chooses_its_key_and_one_that_no_key_has_is_refused(aws: Aws, keywright: Keywright) -> None:
    one, _ = make(aws, "one"), make(aws, "other")
    found = keywright.run("adopt", "--stack", "legacy", "alias/one", "--json").document
    assert [item["arns"] for item in found["keys"].values()] == [[one]]
    assert keywright.run("adopt", "--stack", "legacy", "alias/none").code == 2


@pytest.mark.parametrize("arguments", [("--stack", "legacy", "nonsense"), ("--stack", "legacy"), ("--all",)])
def test_a_command_that_names_no_key_or_no_stack_is_refused(keywright: Keywright, arguments: tuple[str, ...]) -> None:
    assert keywright.run("adopt", *arguments, AWS_ENDPOINT_URL="http://127.0.0.1:9").code == 2


def test_a_snapshot_is_adopted_without_reading_aws(aws: Aws, keywright: Keywright) -> None:
    arn = make(aws, "shop")
    keywright.run("scan", "--out", "estate.db")
    offline = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    found = keywright.run("adopt", "--stack", "legacy", "--all", "--from", "estate.db", "--json", **offline)
    assert found.succeeded().document["keys"]["shop"]["arns"] == [arn]


def test_a_file_that_says_something_else_is_never_overwritten(aws: Aws, keywright: Keywright) -> None:
    make(aws, "shop")
    (keywright.directory / "keys.yaml").write_text("mine")
    assert keywright.run("adopt", "--stack", "legacy", "--all").code == 2
    assert (keywright.directory / "keys.yaml").read_text() == "mine"


def test_an_adoption_that_was_killed_is_finished_by_running_it_again(aws: Aws, keywright: Keywright) -> None:
    made = [make(aws, f"k{number}") for number in range(12)]
    arguments = ("adopt", "--stack", "legacy", "--all", "--yes")
    running = keywright.start(*arguments)
    while not any(aws.tags(arn) for arn in made):
        time.sleep(0.002)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    keywright.run(*arguments).succeeded()
    assert {aws.tags(arn)["keywright:key"] for arn in made} == {f"k{number}" for number in range(12)}
    assert keywright.run("plan", "keys.yaml", "--detailed-exitcode").code == 0


def test_a_release_takes_the_two_tags_away_and_nothing_else(aws: Aws, keywright: Keywright) -> None:
    arn = make(aws, "shop", Tags=[{"TagKey": "Team", "TagValue": "shop"}])
    before = policy_of(aws, arn)
    keywright.run("adopt", "--stack", "legacy", "--all", "--yes").succeeded()
    assert set(IDENTITY) <= set(aws.tags(arn))
    shown = keywright.run("adopt", "--release", "--stack", "legacy").succeeded()
    assert arn in shown.out
    assert set(IDENTITY) <= set(aws.tags(arn))
    keywright.run("adopt", "--release", "--stack", "legacy", "--yes").succeeded()
    assert dict(aws.tags(arn)) == {"Team": "shop"}
    assert policy_of(aws, arn) == before


def test_a_deleted_principal_stays_in_the_policy_and_the_plan_is_empty(aws: Aws, keywright: Keywright) -> None:
    role = aws.make_role("short-lived")
    arn = make(aws, "app", Policy=policy(aws.account, {**root(aws.account), "Principal": {"AWS": role}, "Sid": "App"}))
    aws.iam("DeleteRole", RoleName="short-lived")
    assert "AROA" in policy_of(aws, arn)
    keywright.run("adopt", "--stack", "legacy", "--all", "--yes").succeeded()
    assert keywright.run("plan", "keys.yaml", "--json").document["changes"] == {}
    keywright.run("drift", "keys.yaml").succeeded()


def test_a_key_that_keywright_made_comes_back_as_the_fields_that_made_it(aws: Aws, keywright: Keywright) -> None:
    own = f"arn:aws:iam::{aws.account}:role"
    (keywright.directory / "first.yaml").write_text(
        f"""
stack: first
region: {HOME}
keys:
  app:
    aliases: [app]
    key_administrator_arns: ["{own}/admin"]
    key_user_arns: ["{own}/app", {{durable: "{own}/batch"}}, {{permission_set: Readers}}]
    key_service_users: [logs.{HOME}.amazonaws.com]
    statements:
      - sid: Mine
        actions: kms:Verify
        principals: {{AWS: "{own}/odd"}}
        conditions: {{Bool: {{"aws:ViaAWSService": "true"}}}}
"""
    )
    keywright.run("apply", "first.yaml", "--yes").succeeded()
    keywright.run("adopt", "--release", "--stack", "first", "--yes").succeeded()
    found = keywright.run("adopt", "--stack", "second", "--all", "--yes", "--json").succeeded().document
    assert found["keys"]["app"]["policy"] == "fields"
    text = (keywright.directory / "keys.yaml").read_text()
    assert "permission_set: Readers" in text
    assert "policy:" not in text
    assert keywright.run("plan", "keys.yaml", "--detailed-exitcode").code == 0


def test_the_policies_that_aws_documents_are_adopted_with_an_empty_plan(aws: Aws, keywright: Keywright) -> None:
    made: dict[str, str] = {}
    for path in sorted(DOCUMENTED.glob("*.json")):
        text = path.read_text().replace("111122223333", aws.account)
        if "arn:aws-" in text:
            continue  # the sandbox knows one partition
        made[path.stem] = make(aws, path.stem, Policy=text, BypassPolicyLockoutSafetyCheck=True)
    found = keywright.run("adopt", "--stack", "legacy", "--all", "--yes", "--json").succeeded().document
    assert set(found["keys"]) == set(made)
    assert keywright.run("plan", "keys.yaml", "--json").document["changes"] == {}


def test_keys_of_two_accounts_are_adopted_from_a_snapshot_each_by_its_role(
    aws: Aws, account: str, keywright: Keywright, sandbox: Sandbox
) -> None:
    other = f"9{account[1:]}"
    theirs = Aws(sandbox.endpoint_url, other)
    mine, foreign = make(aws, "app"), make(theirs, "app")
    sandbox.enable_regions(other, [HOME])
    named = ("--account-role", "keys", "--account", account, "--account", other)
    assert keywright.run("scan", *named, "--out", "estate.db").code == 1  # they don't rotate
    adopted = keywright.run("adopt", "--stack", "s", "--all", "--from", "estate.db", "--yes", "--json")
    found = adopted.succeeded().document["keys"]
    assert sorted(arn for item in found.values() for arn in item["arns"]) == sorted((mine, foreign))
    assert set(theirs.tags(foreign)) == set(IDENTITY)
    keywright.run("plan", "keys.yaml", "--detailed-exitcode").succeeded()
