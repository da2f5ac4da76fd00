"""`keywright scan --iam`: roles, users and the organization get into the snapshot, for `who-can` and `why`."""

from __future__ import annotations

import json
from pathlib import Path

import boto3

from aws_directly import Aws
from command_line import Keywright
from keywright._internal.sandbox import Sandbox

HOME = "us-east-1"


def test_a_scan_with_iam_lets_who_can_answer(
    aws: Aws, sandbox: Sandbox, account: str, keywright: Keywright, tmp_path: Path
) -> None:
    iam = boto3.Session(account, "x", region_name=HOME).client("iam", endpoint_url=sandbox.endpoint_url)
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    use = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}}
    for name in ("reader", "bystander"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName="reader", PolicyName="use", PolicyDocument=json.dumps(use))
    iam.create_user(UserName="ann")
    attached = iam.create_policy(PolicyName="use", PolicyDocument=json.dumps(use))["Policy"]["Arn"]
    iam.attach_user_policy(UserName="ann", PolicyArn=attached)
    key = aws.kms("CreateKey", HOME)["KeyMetadata"]["Arn"]
    snapshot = str(tmp_path / "estate.db")
    scanned = keywright.run("scan", "--iam", "--region", HOME, "--out", snapshot)
    assert scanned.code == 1, scanned.err  # KMS does not rotate the key: a finding

    found = keywright.run("who-can", key, "Decrypt", "--from", snapshot, "--json").succeeded().document
    assert found["complete"], found["not_read"]
    assert {row["principal"]: row["access"] for row in found["rows"]} == {
        f"arn:aws:iam::{account}:role/reader": "yes",
        f"arn:aws:iam::{account}:user/ann": "yes",
        f"arn:aws:iam::{account}:root": "yes",
    }
    refused = keywright.run("why", f"arn:aws:iam::{account}:role/bystander", "Decrypt", key, "--from", snapshot)
    assert refused.code == 1
    assert "no identity policy of the caller allows it" in refused.out


def test_a_scan_without_iam_leaves_the_answer_incomplete_and_says_so(
    aws: Aws, keywright: Keywright, tmp_path: Path
) -> None:
    key = aws.kms("CreateKey", HOME)["KeyMetadata"]["Arn"]
    snapshot = str(tmp_path / "estate.db")
    keywright.run("scan", "--region", HOME, "--out", snapshot)
    ended = keywright.run("who-can", key, "Decrypt", "--from", snapshot, "--json")
    assert (ended.code, ended.document["complete"]) == (2, False)
    assert "GetAccountAuthorizationDetails" in {item["operation"] for item in ended.document["not_read"]}
