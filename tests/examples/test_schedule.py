"""The ready schedules in examples/schedule: they run the documented command, with the permissions that it needs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from keywright._internal.cli.command_permissions import PERMISSIONS

FOLDER = Path(__file__).parents[2] / "examples" / "schedule"
COMMAND = "keywright drift keys.yaml --json --since last.json"


class _Template(yaml.SafeLoader):
    """YAML with CloudFormation's short forms, each read as its value."""


_Template.add_multi_constructor(
    "!",
    lambda loader, _suffix, node: (
        loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else loader.construct_sequence(node)
    ),
)


@pytest.mark.parametrize("name", ["github-actions.yml", "codebuild.yaml"])
def test_it_runs_the_documented_command(name: str) -> None:
    assert COMMAND in (FOLDER / name).read_text(encoding="utf-8")


def test_the_workflow_has_no_more_permissions_than_it_needs() -> None:
    workflow = yaml.safe_load((FOLDER / "github-actions.yml").read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    assert workflow["jobs"]["drift"]["permissions"] == {"contents": "read", "id-token": "write"}


def test_the_build_s_role_may_what_the_command_needs_and_no_more_of_kms() -> None:
    template = yaml.load((FOLDER / "codebuild.yaml").read_text(encoding="utf-8"), Loader=_Template)
    (policy,) = template["Resources"]["BuildRole"]["Properties"]["Policies"]
    (call,) = [item for item in policy["PolicyDocument"]["Statement"] if item["Sid"] == "Call"]
    assert set(call["Action"]) == set(PERMISSIONS["drift"])


def test_every_shell_block_of_the_build_is_a_shell_s() -> None:
    template = yaml.load((FOLDER / "codebuild.yaml").read_text(encoding="utf-8"), Loader=_Template)
    build = yaml.safe_load(template["Resources"]["Project"]["Properties"]["Source"]["BuildSpec"])
    commands = [line for phase in build["phases"].values() for line in phase["commands"]]
    for command in commands:
        subprocess.run(["sh", "-n", "-c", command], check=True)
    assert any(re.search(r"-ne 2", command) for command in commands)


def test_cfn_lint_passes_the_template() -> None:
    command = [Path(sys.executable).with_name("cfn-lint"), FOLDER / "codebuild.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
