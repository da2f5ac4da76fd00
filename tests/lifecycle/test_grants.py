"""Grants declared with a key are created, kept and revoked; those of others are shown and never touched."""

from __future__ import annotations

from typing import Any

import pytest

from aws_directly import Aws
from command_line import Keywright


def write(keywright: Keywright, *grants: str, more: str = "") -> str:
    text = f"stack: s\nregion: us-east-1\nkeys:\n  a: {{aliases: [a]{more}, grants: [{', '.join(grants)}]}}\n"
    (keywright.directory / "keys.yaml").write_text(text)
    return "keys.yaml"


def live(aws: Aws) -> dict[str, dict[str, Any]]:
    grants = aws.kms("ListGrants", KeyId=aws.aliases()["alias/a"])["Grants"]
    return {grant["Name"]: grant for grant in grants}


@pytest.fixture
def role(aws: Aws) -> str:
    return aws.make_role("app")


def grant(name: str, role: str, operations: str = "Decrypt", more: str = "") -> str:
    return f"{{name: {name}, grantee_principal: '{role}', operations: [{operations}]{more}}}"


def test_grants_are_created_with_all_that_is_declared_and_then_nothing_is_left_to_do(
    keywright: Keywright, aws: Aws, role: str
) -> None:
    context = ", constraints: {encryption_context_subset: {tenant: one}}"
    file = write(keywright, grant("reader", role, "Decrypt, DescribeKey", f", retiring_principal: '{role}'{context}"))
    keywright.run("apply", file, "--yes").succeeded()
    made = live(aws)["reader"]
    assert sorted(made["Operations"]) == ["Decrypt", "DescribeKey"]
    assert made["RetiringPrincipal"] == role
    assert made["Constraints"] == {"EncryptionContextSubset": {"tenant": "one"}}
    keywright.run("plan", file, "--detailed-exitcode").succeeded()
    keywright.run("verify", file).succeeded()


def test_a_changed_grant_is_created_anew_before_the_old_one_is_revoked(
    keywright: Keywright, aws: Aws, role: str
) -> None:
    keywright.run("apply", write(keywright, grant("reader", role)), "--yes").succeeded()
    before = live(aws)["reader"]["GrantId"]
    file = write(keywright, grant("reader", role, "Decrypt, Encrypt"))
    steps = keywright.run("plan", file, "--json").document["changes"]["a"]
    assert [step["action"] for step in steps] == ["create-grant", "revoke-grant"]
    keywright.run("apply", file, "--yes").succeeded()
    assert live(aws)["reader"]["GrantId"] != before
    assert len(live(aws)) == 1


def test_a_grant_left_out_of_the_file_is_revoked_also_the_last_one(keywright: Keywright, aws: Aws, role: str) -> None:
    keywright.run("apply", write(keywright, grant("one", role), grant("two", role)), "--yes").succeeded()
    keywright.run("apply", write(keywright, grant("one", role)), "--yes").succeeded()
    assert list(live(aws)) == ["one"]
    file = write(keywright)
    keywright.run("apply", file, "--yes").succeeded()
    assert live(aws) == {}
    assert "keywright:grants" not in aws.tags(aws.aliases()["alias/a"])
    keywright.run("plan", file, "--detailed-exitcode").succeeded()


def test_a_grant_that_nobody_declared_is_listed_and_never_touched(keywright: Keywright, aws: Aws, role: str) -> None:
    file = write(keywright, grant("mine", role))
    keywright.run("apply", file, "--yes").succeeded()
    key = aws.aliases()["alias/a"]
    aws.kms("CreateGrant", KeyId=key, GranteePrincipal=role, Operations=["Encrypt"], Name="theirs")
    keywright.run("plan", file, "--detailed-exitcode").succeeded()
    assert "grant `theirs` on `a` lets" in keywright.run("verify", file).succeeded().err
    keywright.run("apply", write(keywright), "--yes").succeeded()
    assert list(live(aws)) == ["theirs"]


def test_of_many_grants_that_nobody_declared_a_few_are_listed_and_the_others_counted(
    keywright: Keywright, aws: Aws, role: str
) -> None:
    file = write(keywright, grant("mine", role))
    keywright.run("apply", file, "--yes").succeeded()
    key = aws.aliases()["alias/a"]
    for number in range(8):
        aws.kms("CreateGrant", KeyId=key, GranteePrincipal=role, Operations=["Encrypt"], Name=f"theirs{number}")
    told = keywright.run("verify", file, "--no-use").succeeded().err
    assert told.count("lets") == 5
    assert "3 more grants on `a` not declared" in told


def test_the_grants_of_a_released_key_can_be_adopted_again(keywright: Keywright, aws: Aws, role: str) -> None:
    keywright.run("apply", write(keywright, grant("mine", role)), "--yes").succeeded()
    key = aws.aliases()["alias/a"]
    keywright.run("adopt", "--release", "--stack", "s", "--yes").succeeded()
    assert dict(aws.tags(key)) == {}
    keywright.run("adopt", "--stack", "next", key, "--yes", "--out", "next.yaml").succeeded()
    assert "name: mine" in (keywright.directory / "next.yaml").read_text()
    keywright.run("plan", "next.yaml", "--detailed-exitcode").succeeded()


def test_a_grant_revoked_by_hand_comes_back_on_a_disabled_key_too(keywright: Keywright, aws: Aws, role: str) -> None:
    file = write(keywright, grant("mine", role), more=", is_enabled: false")
    keywright.run("apply", file, "--yes").succeeded()
    aws.kms("RevokeGrant", KeyId=aws.aliases()["alias/a"], GrantId=live(aws)["mine"]["GrantId"])
    assert keywright.run("verify", file).code == 1
    keywright.run("apply", file, "--yes").succeeded()
    assert list(live(aws)) == ["mine"]
    assert aws.keys()[0]["KeyState"] == "Disabled"
