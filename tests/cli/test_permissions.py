"""`keywright permissions` is held to the calls that the commands really make: none is missing, none is idle."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from aws_directly import Aws
from command_line import Keywright
from keywright._internal.cli.command_permissions import PERMISSIONS
from keywright._internal.facts.actions import kms_actions
from keywright._internal.sandbox import Sandbox

HOME = "us-east-1"
SERVICES = {"tagging": "tag"}
UNASKED = {"sts:GetCallerIdentity"}
"""Needs no permission."""
OF_MANY_ACCOUNTS = "targets"
"""What a command needs beside, where its file has targets."""

FILE = """
stack: s
region: us-east-1
keys:
  plain: {{aliases: [plain], description: first, tags: {{a: b}}, key_user_arns: ["{role}"]}}
  signing: {{customer_master_key_spec: ECC_NIST_P256, key_usage: SIGN_VERIFY}}
  mac: {{customer_master_key_spec: HMAC_256, key_usage: GENERATE_VERIFY_MAC}}
  shared: {{customer_master_key_spec: ECC_NIST_P256, key_usage: KEY_AGREEMENT}}
"""


def allowed(keywright: Keywright, command: str) -> set[str]:
    policy = keywright.run("permissions", command).succeeded().document
    return {action for item in policy["Statement"] for action in item["Action"]}


@pytest.fixture
def called(sandbox: Sandbox, account: str, keywright: Keywright) -> Callable[..., set[str]]:
    """The actions of the calls that a command makes."""

    def run(*arguments: str, codes: tuple[int, ...] = (0,)) -> set[str]:
        before = sandbox.calls(account)
        done = keywright.run(*arguments)
        assert done.code in codes, done.out + done.err
        after = sandbox.calls(account)
        names = {name for name, count in after.items() if count > before.get(name, 0)}
        return {
            ":".join((SERVICES.get(name.split(":")[0], name.split(":")[0]), name.split(":")[1])) for name in names
        } - UNASKED

    return run


def declare(keywright: Keywright, aws: Aws, **changes: str) -> str:
    text = FILE.format(role=aws.make_role("app")) if not changes else (keywright.directory / "keys.yaml").read_text()
    for old, new in changes.items():
        text = text.replace(old, new)
    (keywright.directory / "keys.yaml").write_text(text)
    return "keys.yaml"


def test_a_scan_makes_the_calls_that_it_says(
    aws: Aws, keywright: Keywright, sandbox: Sandbox, called: Callable[..., set[str]]
) -> None:
    sandbox.enable_regions(aws.account, [HOME])
    aws.organizations("CreateOrganization")
    key = aws.kms("CreateKey")["KeyMetadata"]["KeyId"]
    aws.kms("CreateGrant", KeyId=key, GranteePrincipal=aws.make_role("app"), Operations=["Decrypt"])
    of_many = {"organizations:ListAccounts", "sts:AssumeRole"}
    assert called("scan", "--last-use", "--json", codes=(1,)) == allowed(keywright, "scan") - of_many
    with_iam = called("scan", "--iam", "--json", codes=(1,))
    assert with_iam == allowed(keywright, "who-can") - of_many
    adopting = called("adopt", "--stack", "s", "--all", "--yes") | called("adopt", "--release", "--stack", "s", "--yes")
    assert adopting == allowed(keywright, "adopt")


def test_a_stack_s_commands_make_no_call_that_they_do_not_say(
    aws: Aws, keywright: Keywright, called: Callable[..., set[str]]
) -> None:
    file = declare(keywright, aws)
    applying = called("apply", file, "--yes")
    reading = called("plan", file) | called("output", file)
    verifying = called("verify", file)
    drifting = called("drift", file)
    declare(keywright, aws, first="second", plain="other")
    applying |= called("apply", file, "--yes")
    replacing = called("replace", file, "--key", "mac", "--yes")
    destroying = called("destroy", file, "--yes")
    restoring = called("restore", file)
    for command, made in {
        "plan": reading,
        "verify": verifying,
        "drift": drifting,
        "apply": applying,
        "replace": replacing,
        "destroy": destroying,
        "restore": restoring,
    }.items():
        assert made <= allowed(keywright, command), (command, made - allowed(keywright, command))
    assert verifying >= {"kms:Encrypt", "kms:Decrypt", "kms:Sign", "kms:Verify", "kms:GenerateMac", "kms:VerifyMac"}


def test_every_action_exists_and_the_table_is_of_commands(keywright: Keywright) -> None:
    known = {name.lower() for name in kms_actions()}
    for actions in PERMISSIONS.values():
        assert all(action.lower() in known for action in actions if action.startswith("kms:"))
    text = keywright.run("--help").out
    assert all(command in text for command in set(PERMISSIONS) - {OF_MANY_ACCOUNTS})


@pytest.mark.parametrize(
    ("action", "tags"),
    [
        ("kms:TagResource", ["keywright:key", "keywright:stack"]),
        ("kms:UntagResource", ["keywright:grants", "keywright:key", "keywright:stack"]),
    ],
)
def test_adopting_may_put_the_tags_of_the_identity_alone_and_take_keywrights_own(
    action: str, tags: list[str], keywright: Keywright
) -> None:
    policy = keywright.run("permissions", "adopt").document
    (tagging,) = [item for item in policy["Statement"] if action in item["Action"]]
    assert tagging["Condition"] == {"ForAllValues:StringEquals": {"aws:TagKeys": tags}}


def test_a_command_without_permissions_is_refused_with_the_nearest_one(keywright: Keywright) -> None:
    run = keywright.run("permissions", "aply")
    assert run.code == 2
    assert "apply" in run.err


def test_the_policies_are_small_enough_for_iam() -> None:
    from keywright._internal.cli.command_permissions import policy_for  # noqa: PLC0415 - one test measures them

    assert all(len(json.dumps(policy_for(command), separators=(",", ":"))) < 2048 for command in PERMISSIONS)
