"""Claims about effective access, `… (with iam)`: decided over a snapshot, unknown without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_estate import A, policy, statement

from command_line import Keywright

FILE = f"""
stack: s
region: eu-west-1
keys:
  app:
    account: "{A}"
    key_user_arns: ["arn:aws:iam::{A}:role/App"]
    claims:
      - nobody but [role/App, user/ann] can kms:Decrypt (with iam)
      - nobody but [role/App] can kms:Decrypt (with iam)
      - role App can kms:Decrypt (with iam)
      - user ann cannot kms:PutKeyPolicy (with iam)
      - role App can kms:PutKeyPolicy (with iam)
      - nobody outside [{A}] can kms:Decrypt (with iam)
"""
DETAILS = {
    "UserDetailList": [
        {
            "Arn": f"arn:aws:iam::{A}:user/ann",
            "UserId": "AIDA1",
            "UserPolicyList": [
                {"PolicyName": "use", "PolicyDocument": json.loads(policy(statement("kms:Decrypt")))},
            ],
        }
    ],
    "RoleDetailList": [{"Arn": f"arn:aws:iam::{A}:role/App", "RoleId": "AROA1"}],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.yaml"
    path.write_text(FILE)
    return path


def verdicts(keywright: Keywright, *arguments: str) -> list[tuple[str, str]]:
    (found,) = keywright.run("policy", "check", *arguments, "--json").document["policies"]
    return [(item["verdict"], item["reason"]) for item in found["claims"] if item["id"].startswith("claim-")]


def test_over_a_snapshot_they_are_proved_and_refuted(keywright: Keywright, file: Path, tmp_path: Path) -> None:
    (tmp_path / "details.json").write_text(json.dumps(DETAILS))
    snapshot = str(tmp_path / "estate.db")
    keywright.run(
        "import", snapshot, "--authorization-details", str(tmp_path / "details.json"), "--no-organization"
    ).succeeded()
    found = verdicts(keywright, str(file), "--from", snapshot)
    assert [verdict for verdict, _ in found] == ["PROVED", "REFUTED", "PROVED", "PROVED", "REFUTED", "PROVED"]
    assert found[1][1] == f"arn:aws:iam::{A}:user/ann can call kms:Decrypt"


def test_without_a_snapshot_they_are_unknown_and_the_reason_says_what_to_give(keywright: Keywright, file: Path) -> None:
    found = verdicts(keywright, str(file))
    assert {verdict for verdict, _ in found} == {"UNKNOWN"}
    assert all("--from estate.db" in reason for _, reason in found)


def test_what_was_not_read_leaves_open_what_nobody_refutes(keywright: Keywright, file: Path, tmp_path: Path) -> None:
    (tmp_path / "details.json").write_text(json.dumps(DETAILS))
    snapshot = str(tmp_path / "estate.db")
    keywright.run("import", snapshot, "--authorization-details", str(tmp_path / "details.json")).succeeded()
    found = [verdict for verdict, _ in verdicts(keywright, str(file), "--from", snapshot)]
    assert found[:2] == ["UNKNOWN", "REFUTED"]
