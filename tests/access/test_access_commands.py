"""`keywright import`, `who-can` and `why` as a user meets them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from small_estate import APP, KEY, OPS, ROOT, A, policy, statement

from command_line import Keywright

METADATA = {
    "Arn": KEY, "KeyId": "1", "KeyState": "Enabled", "Enabled": True, "KeySpec": "SYMMETRIC_DEFAULT",
    "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS", "CreationDate": "2026-01-01T00:00:00+00:00",
}  # fmt: skip
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
DETAILS: dict[str, Any] = {
    "UserDetailList": [
        {"Arn": f"arn:aws:iam::{A}:user/ann", "UserId": "AIDA1", "GroupList": ["devs"], "AttachedManagedPolicies": []}
    ],
    "GroupDetailList": [
        {
            "GroupName": "devs",
            "GroupPolicyList": [
                {"PolicyName": "use", "PolicyDocument": json.loads(policy(statement("kms:Decrypt")))},
            ],
        }
    ],
    "RoleDetailList": [
        {
            "Arn": OPS,
            "RoleId": "AROA1",
            "AttachedManagedPolicies": [{"PolicyName": "AdministratorAccess", "PolicyArn": ADMINISTRATOR}],
            "PermissionsBoundary": {"PermissionsBoundaryArn": ADMINISTRATOR},
        },
        {"Arn": APP, "RoleId": "AROA2", "AssumeRolePolicyDocument": "%7B%22Statement%22%3A%5B%5D%7D"},
    ],
    "Policies": [
        {
            "Arn": ADMINISTRATOR,
            "PolicyName": "AdministratorAccess",
            "PolicyVersionList": [
                {"IsDefaultVersion": False, "Document": "{}"},
                {"IsDefaultVersion": True, "Document": json.loads(policy(statement("*")))},
            ],
        }
    ],
}
ORGANIZATION = {
    "Organization": {"Id": "o-abcdefghij", "MasterAccountId": "777788889999"},
    "OrganizationalUnits": [{"Id": "ou-1", "ParentId": "r-1"}],
    "Accounts": [{"Id": A, "ParentId": "ou-1"}, {"Id": "777788889999", "ParentId": "r-1"}],
    "Policies": [
        {
            "PolicySummary": {"Id": "p-1", "Name": "full", "Type": "SERVICE_CONTROL_POLICY"},
            "Content": policy(statement("*")),
            "Targets": [{"TargetId": target} for target in ("r-1", "ou-1", A, "777788889999")],
        },
        {
            "PolicySummary": {"Id": "p-2", "Name": "no-app", "Type": "SERVICE_CONTROL_POLICY"},
            "Content": policy(
                statement("kms:*", effect="Deny", condition={"ArnEquals": {"aws:PrincipalArn": APP}}),
            ),
            "Targets": [{"TargetId": "ou-1"}],
        },
    ],
}
KEYS = [
    {
        "KeyMetadata": METADATA,
        "Policy": policy(statement(principal=ROOT), statement("kms:Decrypt", {"AWS": APP})),
        "Grants": [],
        "Tags": [],
        "Aliases": ["alias/app"],
    }
]


@pytest.fixture
def snapshot(keywright: Keywright, tmp_path: Path) -> Path:
    for name, document in (("details", DETAILS), ("organization", ORGANIZATION), ("keys", KEYS)):
        (tmp_path / f"{name}.json").write_text(json.dumps(document))
    path = tmp_path / "estate.db"
    keywright.run(
        "import", str(path),
        "--authorization-details", str(tmp_path / "details.json"),
        "--organization", str(tmp_path / "organization.json"),
        "--keys", str(tmp_path / "keys.json"),
    ).succeeded()  # fmt: skip
    return path


def test_what_aws_s_own_json_says_is_answered_for_with_cases_that_replay(
    keywright: Keywright, snapshot: Path, tmp_path: Path
) -> None:
    cases = tmp_path / "cases.jsonl"
    arguments = ("who-can", "alias/app", "Decrypt", "--from", str(snapshot))
    found = keywright.run(*arguments, "--cases", str(cases), "--json").succeeded().document
    assert (found["key"], found["complete"]) == (KEY, True)
    assert {row["principal"]: row["access"] for row in found["rows"]} == {
        OPS: "yes",
        f"arn:aws:iam::{A}:root": "yes",
        f"arn:aws:iam::{A}:user/ann": "yes",
    }
    replayed = keywright.run("policy", "simulate", "--batch", str(cases)).succeeded().out.splitlines()
    assert [json.loads(line)["decision"] for line in replayed] == ["Allowed"] * 3


def test_why_names_the_policy_that_denies_and_the_change_that_would_flip_it(
    keywright: Keywright, snapshot: Path
) -> None:
    ended = keywright.run("why", APP, "Decrypt", KEY, "--from", str(snapshot), "--json")
    assert (ended.code, ended.document["access"]) == (1, "no")
    denying = [layer["policy"] for layer in ended.document["layers"] if layer["says"] == "denies"]
    assert denying == ["service control policy `no-app`"]
    assert ended.document["changes"] == ["without the Deny `statement[0]` of the service control policy `no-app`"]


def test_what_others_wrote_into_a_policy_cannot_steer_the_terminal(keywright: Keywright, tmp_path: Path) -> None:
    red = {
        **statement("kms:Decrypt", condition={"StringEquals": {"kms:EncryptionContext:app": "\x1b[31mx"}}),
        "Sid": "\x1b[2J",
    }
    role = {"Arn": APP, "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": json.loads(policy(red))}]}
    (tmp_path / "details.json").write_text(json.dumps({"RoleDetailList": [role]}))
    (tmp_path / "keys.json").write_text(json.dumps([{**KEYS[0], "Policy": policy(statement(principal=ROOT))}]))
    path = str(tmp_path / "estate.db")
    files = ("--authorization-details", str(tmp_path / "details.json"), "--keys", str(tmp_path / "keys.json"))
    keywright.run("import", path, *files, "--no-organization").succeeded()
    for arguments in (("who-can", KEY, "Decrypt"), ("why", APP, "Decrypt", KEY)):
        ended = keywright.run(*arguments, "--from", path)
        assert APP in ended.out
        assert "\x1b" not in ended.out


def test_why_explains_a_call_through_a_service_too(keywright: Keywright, snapshot: Path) -> None:
    found = keywright.run("why", APP, "Encrypt", KEY, "--via", "s3", "--from", str(snapshot), "--json").document
    assert found["access"] == "no"
    assert found["request"]["context"]["kms:ViaService"] == "s3.eu-west-1.amazonaws.com"


def test_a_snapshot_without_iam_answers_unknown_and_names_what_is_missing(keywright: Keywright, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text(json.dumps(KEYS))
    path = str(tmp_path / "estate.db")
    keywright.run("import", path, "--keys", str(tmp_path / "keys.json")).succeeded()
    ended = keywright.run("who-can", "alias/app", "Decrypt", "--from", path, "--json")
    assert (ended.code, ended.document["complete"]) == (2, False)
    assert {row["access"] for row in ended.document["rows"]} == {"unknown"}
    assert {item["operation"] for item in ended.document["not_read"]} == {
        "GetAccountAuthorizationDetails",
        "DescribeOrganization",
    }


def test_a_key_that_the_snapshot_does_not_have_is_refused(keywright: Keywright, snapshot: Path) -> None:
    ended = keywright.run("who-can", "alias/nope", "Decrypt", "--from", str(snapshot))
    assert ended.code == 2
    assert "has no key `alias/nope`" in ended.err


def test_a_review_says_who_can_what_and_what_changed_since_the_last_one(
    keywright: Keywright, snapshot: Path, tmp_path: Path
) -> None:
    changed = [{**KEYS[0], "Policy": policy(statement("kms:*", {"AWS": APP}))}]
    (tmp_path / "keys.json").write_text(json.dumps(changed))
    later = tmp_path / "later.db"
    keywright.run(
        "import", str(later),
        "--authorization-details", str(tmp_path / "details.json"),
        "--no-organization",
        "--keys", str(tmp_path / "keys.json"),
    ).succeeded()  # fmt: skip
    table, page = tmp_path / "review.csv", tmp_path / "review.html"
    arguments = ("--csv", str(table), "--html", str(page), "--since", str(snapshot))
    keywright.run("review", str(later), *arguments).succeeded()
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    told = {(row["capability"], row["principal"], row["access"], row["change"]) for row in rows}
    assert ("delete", APP, "yes", "gained") in told
    assert ("decrypt", OPS, "no", "lost") in told
    assert "alias/app" in page.read_text(encoding="utf-8")


def test_an_answer_that_goes_on_is_not_taken_for_the_whole(keywright: Keywright, tmp_path: Path) -> None:
    (tmp_path / "details.json").write_text(json.dumps({**DETAILS, "IsTruncated": True}))
    ended = keywright.run("import", str(tmp_path / "e.db"), "--authorization-details", str(tmp_path / "details.json"))
    assert ended.code == 2
    assert "there are more" in ended.err


@pytest.mark.parametrize(
    ("option", "text", "told"),
    [
        ("--keys", '[{"Policy": "{}"}]', "`KeyMetadata` is missing"),
        ("--keys", '["a"]', "it has another shape"),
        ("--authorization-details", '{"RoleDetailList": [{}]}', "`Arn` is missing"),
        ("--organization", "[]", "it has another shape"),
    ],
)
def test_a_file_of_another_shape_is_refused_and_no_snapshot_is_left(
    keywright: Keywright, tmp_path: Path, option: str, text: str, told: str
) -> None:
    (tmp_path / "odd.json").write_text(text)
    ended = keywright.run("import", str(tmp_path / "new.db"), option, str(tmp_path / "odd.json"))
    assert (ended.code, told in ended.err, (tmp_path / "new.db").exists()) == (2, True, False), ended.err
