"""Kill `keywright` before and after each call to AWS, and run it again: it converges.

By default a sample of the calls; with KEYWRIGHT_TORTURE=all (`make torture`) each of them.
"""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from faulting_proxy import FaultingProxy, nothing
from faults_of_aws import Kill

from aws_directly import PENDING, Aws
from command_line import CommandLine, Finished
from keywright._internal.sandbox import Sandbox

ALL = os.environ.get("KEYWRIGHT_TORTURE") == "all"
SAMPLE = 5
REGIONS = ("us-east-1", "eu-west-1")

BEFORE = """
stack: torture
region: us-east-1
keys:
  a: {aliases: [a, old], description: before, multi_region: true, tags: {x: "1", gone: y}}
"""
AFTER = """
stack: torture
region: us-east-1
keys:
  a:
    aliases: [a, new]
    description: after
    multi_region: true
    replica_regions: {eu-west-1: {}}
    rotation_period_in_days: 180
    tags: {x: "2"}
    key_service_users: [logs.us-east-1.amazonaws.com]
  b: {aliases: [b], is_enabled: false}
"""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is done first, and the command that is killed; files are `before.yaml` and `after.yaml`.

    Where `undo` leads back to what was there first, the same keys are used each time.
    """

    name: str
    first: tuple[tuple[str, ...], ...]
    command: tuple[str, ...]
    undo: tuple[str, ...] | None = None


APPLY = ("apply", "after.yaml", "--yes")
DESTROY = ("destroy", "after.yaml", "--yes")
RESTORE = ("restore", "after.yaml")
SCENARIOS = [
    Scenario("apply", (), APPLY),
    Scenario("change", (("apply", "before.yaml", "--yes"),), APPLY),
    Scenario("destroy", (APPLY,), DESTROY, undo=RESTORE),
    Scenario("restore", (APPLY, DESTROY), RESTORE, undo=DESTROY),
]


@dataclass(frozen=True, slots=True)
class Stage:
    """One account, one run of a scenario."""

    line: CommandLine
    sandbox: Sandbox
    account: str
    room: Path

    @property
    def aws(self) -> Aws:
        return Aws(self.sandbox.endpoint_url, self.account)

    def run(self, *arguments: str) -> Finished:
        return self.line.run(*arguments, directory=self.room, AWS_ACCESS_KEY_ID=self.account)

    def run_through(self, proxy: FaultingProxy, fault: Kill | None, *arguments: str) -> Finished:
        proxy.calls.clear()
        proxy.fault = fault or nothing
        running = self.line.start(
            *arguments, directory=self.room, AWS_ACCESS_KEY_ID=self.account, AWS_ENDPOINT_URL=proxy.endpoint_url
        )
        if fault:
            fault.victim.set_result(running.pid)
        finished = running.wait()
        proxy.settle()
        return finished


@pytest.fixture
def stages(command_line: CommandLine, sandbox: Sandbox, tmp_path: Path, account: str) -> Iterator[Stage]:
    (tmp_path / "before.yaml").write_text(BEFORE)
    (tmp_path / "after.yaml").write_text(AFTER)
    return (Stage(command_line, sandbox, f"9{number:05d}{account[-6:]}", tmp_path) for number in itertools.count(1))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_killed_at_any_call_and_run_again_it_converges(
    scenario: Scenario, stages: Iterator[Stage], proxy: FaultingProxy
) -> None:
    whole = next(stages)
    for command in scenario.first:
        whole.run(*command).succeeded()
    whole.run_through(proxy, None, *scenario.command).succeeded()
    points = _points(proxy)
    wrong = [
        f"killed {'after' if after else 'before'} call {number}: {found}"
        for number, after in points
        for found in _torture(scenario, whole if scenario.undo else next(stages), proxy, Kill(number, after))
    ]
    assert not wrong, "\n".join(wrong)


def _points(proxy: FaultingProxy) -> list[tuple[int, bool]]:
    """Numbers of calls, each with whether the kill comes after it."""
    if ALL:
        # Of the search of every Region before a key is made, all calls are alike and change nothing.
        calls = [call for call in proxy.calls if call.region in {*REGIONS, ""}]
        return [(call.number, after) for call in calls for after in (False, True)]
    writes = [call.number for call in proxy.calls if not call.operation.startswith(("Get", "List", "Describe"))]
    return [(number, True) for number in writes[:: math.ceil(len(writes) / SAMPLE)]]


def _torture(scenario: Scenario, stage: Stage, proxy: FaultingProxy, kill: Kill) -> list[str]:
    """What is wrong after the kill and the second run."""
    for command in (scenario.undo,) if scenario.undo else scenario.first:
        stage.run(*command).succeeded()
    killed = stage.run_through(proxy, kill, *scenario.command)
    if killed.code != -9:
        return [] if killed.code == 0 else [f"it wasn't killed, and ended with {killed.code}: {killed.err}"]
    again = stage.run(*scenario.command)
    if again.code != 0:
        return [f"the second run ended with {again.code}: {again.out}{again.err}"]
    return _wrong_when_destroyed(stage) if scenario.name == "destroy" else _wrong_when_applied(stage)


def _wrong_when_applied(stage: Stage) -> list[str]:
    wrong: list[str] = []
    for region, names in zip(REGIONS, (["a", "b"], ["a"]), strict=True):
        keys = stage.aws.keys(region)
        found = sorted(stage.aws.tags(key["KeyId"], region).get("keywright:key", "no name") for key in keys)
        if found != names or any(key["KeyState"] in PENDING for key in keys):
            wrong.append(f"keys in {region}: {found}, {[key['KeyState'] for key in keys]}")
        for key in keys:  # the sandbox, as AWS, refuses a policy that the caller can't change afterwards
            policy = stage.aws.kms("GetKeyPolicy", region, KeyId=key["KeyId"])["Policy"]
            stage.aws.kms("PutKeyPolicy", region, KeyId=key["KeyId"], Policy=policy)
    if sorted(stage.aws.aliases()) != ["alias/a", "alias/b", "alias/new"]:
        wrong.append(f"aliases: {sorted(stage.aws.aliases())}")
    plan = stage.run("plan", "after.yaml", "--detailed-exitcode")
    if plan.code != 0:
        wrong.append(f"the second plan isn't empty: {plan.out}{plan.err}")
    return wrong


def _wrong_when_destroyed(stage: Stage) -> list[str]:
    wrong = [f"{key['Arn']} lives" for region in REGIONS for key in stage.aws.live(region)]
    if stage.aws.aliases():
        wrong.append(f"aliases: {sorted(stage.aws.aliases())}")
    if len(stage.aws.keys()) != 2:
        wrong.append("a key is missing or too many")
    return wrong
