"""`keywright permissions COMMAND` prints enough: each command runs as a role that has that policy and no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from command_line import CommandLine, Finished, Keywright
from keywright._internal.cli.command_permissions import PERMISSIONS, policy_for
from keywright._internal.sandbox import Sandbox
from real_callers import HOME, Account

FILE = """
stack: s
region: us-east-1
keys:
  plain: {{aliases: [plain], tags: {{a: b}}, key_user_arns: ["{role}"], grants: [{grant}]}}
  family: {{multi_region: true, replica_regions: {{eu-west-1: {{}}}}}}
  signing: {{customer_master_key_spec: ECC_NIST_P256, key_usage: SIGN_VERIFY}}
  mac: {{customer_master_key_spec: HMAC_256, key_usage: GENERATE_VERIFY_MAC}}
"""

As = Callable[..., Finished]


@pytest.fixture
def run_as(command_line: CommandLine, home: Account, tmp_path: Path) -> As:
    """Runs a command as a session of a role that has the permissions of one command."""

    def run(permissions: str, *arguments: str) -> Finished:
        name = f"keywright-{permissions}"
        role = f"arn:aws:iam::{home.id}:role/{name}"
        if name not in made:
            home.role(name, *policy_for(permissions)["Statement"])
            made.add(name)
        session = home.session(role)
        environment = {
            "AWS_ENDPOINT_URL": home.endpoint,
            "AWS_ACCESS_KEY_ID": session.account,
            "AWS_SECRET_ACCESS_KEY": session.secret,
            "AWS_SESSION_TOKEN": session.headers["X-Amz-Security-Token"],
        }
        return Keywright(command_line, environment, tmp_path).run(*arguments)

    made: set[str] = set()
    return run


def test_each_command_of_a_stack_runs_with_the_permissions_that_it_says(
    run_as: As, home: Account, tmp_path: Path
) -> None:
    role = home.role("app")
    grant = f'{{name: g, grantee_principal: "{role}", operations: [Decrypt]}}'
    file = tmp_path / "keys.yaml"
    file.write_text(FILE.format(role=role, grant=grant))
    for command, *more in (
        ("plan", "keys.yaml"),
        ("apply", "keys.yaml", "--yes"),
        ("output", "keys.yaml"),
        ("drift", "keys.yaml"),
        ("verify", "keys.yaml"),
        ("rename", "s/mac", "s/mac2", "--region", HOME, "--yes"),
        ("rename", "s/mac2", "s/mac", "--region", HOME, "--yes"),
        ("replace", "keys.yaml", "--key", "mac", "--yes"),
        ("destroy", "keys.yaml", "--yes"),
        ("restore", "keys.yaml"),
    ):
        ended = run_as(command, command, *more)
        assert ended.code == 0, (command, ended.out, ended.err)


def test_scanning_and_adopting_run_with_the_permissions_that_they_say(
    run_as: As, home: Account, enforcing: Sandbox
) -> None:
    enforcing.enable_regions(home.id, [HOME])
    home.key()
    for permissions, *arguments in (
        ("scan", "scan", "--last-use"),
        ("who-can", "scan", "--iam"),
        ("adopt", "adopt", "--stack", "s", "--all", "--yes"),
        ("adopt", "adopt", "--release", "--stack", "s", "--yes"),
    ):
        ended = run_as(permissions, *arguments)
        assert ended.code in {0, 1}, (arguments, ended.out, ended.err)  # 1: the key has findings
        assert "AccessDenied" not in ended.out + ended.err


def test_who_may_only_plan_cannot_apply_and_is_told_what_is_missing(run_as: As, home: Account, tmp_path: Path) -> None:
    (tmp_path / "keys.yaml").write_text("stack: s\nregion: us-east-1\nkeys: {app: {}}\n")
    ended = run_as("plan", "apply", "keys.yaml", "--yes")
    assert ended.code == 2
    assert "kms:CreateKey" in ended.err
    assert home.root.kms("ListKeys")["Keys"] == []


def test_every_command_of_the_table_that_calls_kms_is_run_here() -> None:
    here = Path(__file__).read_text(encoding="utf-8")
    calling = [command for command, actions in PERMISSIONS.items() if any(item.startswith("kms:") for item in actions)]
    assert [command for command in calling if f'"{command}"' not in here] == []
