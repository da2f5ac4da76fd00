"""The state machine in examples/step-functions, on the emulator, with a worker that runs the command in place of ECS.

The emulator takes the definition as it is but for the resource of its one task, which is an activity here: the worker
gets what ECS would get, and runs it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from aws_directly import Aws
from command_line import CommandLine, Keywright
from keywright._internal.sandbox import Sandbox

FOLDER = Path(__file__).parents[2] / "examples" / "step-functions"
VALUES: Mapping[str, Any] = {
    "AWS::Partition": "aws",
    "Subnets": ["subnet-1"],
    "SecurityGroups": ["sg-1"],
    "ResultsBucket": "results",
    "TaskDefinition": "arn:aws:ecs:us-east-1:111122223333:task-definition/keywright:1",
    "Cluster.Arn": "arn:aws:ecs:us-east-1:111122223333:cluster/keywright",
}


class _Template(yaml.SafeLoader):
    """YAML in which CloudFormation's short forms are worked out, where they are in the definition."""


def _short_form(_loader: yaml.SafeLoader, name: str, node: yaml.Node) -> Any:
    if not isinstance(node, yaml.ScalarNode):
        return None
    if name == "Sub":
        return node.value.replace("${AWS::Partition}", "aws")
    return VALUES.get(node.value)


_Template.add_multi_constructor("!", _short_form)
TEMPLATE = yaml.load((FOLDER / "template.yaml").read_text(encoding="utf-8"), Loader=_Template)
COMMANDS = TEMPLATE["Parameters"]["Command"]["AllowedValues"]


def definition(command: str) -> dict[str, Any]:
    arguments = TEMPLATE["Mappings"]["Arguments"][command]["Value"]
    text = json.dumps(TEMPLATE["Resources"]["StateMachine"]["Properties"]["Definition"])
    found: dict[str, Any] = json.loads(text.replace("${Arguments}", arguments))
    return found


def test_no_number_of_the_definition_is_a_parameter_as_cloudformation_would_make_a_text_of_it() -> None:
    accounts = definition("apply")["States"]["Accounts"]
    assert (accounts["MaxConcurrency"], accounts["ToleratedFailurePercentage"]) == (20, 5)


def test_cfn_lint_passes_the_template() -> None:
    command = [Path(sys.executable).with_name("cfn-lint"), FOLDER / "template.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_the_linter_of_the_states_language_passes_the_definition(command: str, tmp_path: Path) -> None:
    path = tmp_path / "definition.json"
    path.write_text(json.dumps(definition(command)))
    linter = [sys.executable, "-m", "statelint", path]
    done = subprocess.run(linter, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_one_of_keywright_s(command: str, command_line: CommandLine) -> None:
    run = definition(command)["States"]["Accounts"]["ItemProcessor"]["States"]["Run"]
    (override,) = run["Parameters"]["Overrides"]["ContainerOverrides"]
    name, *given = override["Command.$"].removeprefix("States.Array(").removesuffix(", $.account)").split(", ")
    shown = command_line.run(name.strip("'"), "--help").succeeded().out
    options = {item.strip("'") for item in given if item.startswith("'--")}
    assert {item for item in options if item not in shown} == set()


@dataclass(frozen=True, slots=True)
class Machine:
    """The state machine on the emulator, with a worker in place of ECS."""

    client: Any
    arn: str

    def run(self, waves: list[list[str]]) -> str:
        """Its outcome for these waves."""
        started = self.client.start_execution(stateMachineArn=self.arn, input=json.dumps({"waves": waves}))
        while True:
            status: str = self.client.describe_execution(executionArn=started["executionArn"])["status"]
            if status != "RUNNING":
                return status
            time.sleep(0.02)  # to ask without a pause keeps the emulator from its work


@contextmanager
def machine(sandbox: Sandbox, account: str, keywright: Keywright) -> Iterator[Machine]:
    client = boto3.client(
        "stepfunctions",
        endpoint_url=sandbox.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=account,
        aws_secret_access_key="sandbox",
        config=Config(retries={"total_max_attempts": 1}),
    )
    activity = client.create_activity(name="ecs")["activityArn"]
    asked = definition("apply")
    asked["States"]["Accounts"] |= {"MaxConcurrency": 2, "ToleratedFailurePercentage": 40}
    text = json.dumps(asked).replace("arn:aws:states:::ecs:runTask.sync", activity)
    role = f"arn:aws:iam::{account}:role/machine"
    made = client.create_state_machine(name="keywright", definition=text, roleArn=role)["stateMachineArn"]
    ended = threading.Event()
    threading.Thread(target=_work, args=(client, activity, keywright, ended), daemon=True).start()
    try:
        yield Machine(client, made)
    finally:
        ended.set()


def _work(client: Any, activity: str, keywright: Keywright, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            task = client.get_activity_task(activityArn=activity)
        except (BotoCoreError, ClientError):
            return  # a minute without a task, or the sandbox is gone: the test is over
        if not task.get("taskToken"):
            return
        (override,) = json.loads(task["input"])["Overrides"]["ContainerOverrides"]
        done = keywright.run(*override["Command"])
        if done.code == 0:
            client.send_task_success(taskToken=task["taskToken"], output="{}")
        else:
            client.send_task_failure(taskToken=task["taskToken"], error="States.TaskFailed", cause=done.err[:200])


@pytest.fixture
def accounts(account: str) -> list[str]:
    """Accounts of this test alone, beside its own."""
    return [f"{int(account) + 500_000 * number:012d}" for number in range(1, 5)]


def keys_in(sandbox: Sandbox, accounts: list[str]) -> list[int]:
    return [len(Aws(sandbox.endpoint_url, item).live()) for item in accounts]


def declare(folder: Path, accounts: list[str]) -> None:
    targets = f"- accounts: {json.dumps(accounts)}\n  role: keywright\n"
    (folder / "keys.yaml").write_text(f"stack: s\nregion: us-east-1\ntargets:\n{targets}keys:\n  app:\n")


def test_every_account_gets_the_keys_though_some_may_fail(
    sandbox: Sandbox, account: str, accounts: list[str], keywright: Keywright, tmp_path: Path
) -> None:
    declare(tmp_path, accounts)
    canary, refused, *others = accounts
    sandbox.refuse("AssumeRole", key=f"arn:aws:iam::{refused}:role/keywright")
    with machine(sandbox, account, keywright) as running:
        assert running.run([[canary], [refused, *others]]) == "SUCCEEDED"
    assert keys_in(sandbox, accounts) == [1, 0, 1, 1]


def test_a_wave_in_which_too_many_fail_is_the_last(
    sandbox: Sandbox, account: str, accounts: list[str], keywright: Keywright, tmp_path: Path
) -> None:
    declare(tmp_path, accounts)
    refused, *others = accounts
    sandbox.refuse("AssumeRole", key=f"arn:aws:iam::{refused}:role/keywright")
    with machine(sandbox, account, keywright) as running:
        assert running.run([[refused], others]) == "FAILED"
    assert keys_in(sandbox, others) == [0, 0, 0]
