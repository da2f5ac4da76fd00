"""AWS throttles, drops connections, fails and lags; the keys come out as declared, each once.

With KEYWRIGHT_TORTURE=all (`make torture`) under more seeds of chance.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from faulting_proxy import FaultingProxy
from faults_of_aws import Flaky, Lagging, late_principal, throttle_every_third

from aws_directly import Aws
from command_line import Keywright

ALL = os.environ.get("KEYWRIGHT_TORTURE") == "all"
KEYS = """
stack: weather
region: us-east-1
keys:
  a: {aliases: [a], multi_region: true, replica_regions: {eu-west-1: {}}, tags: {x: "1"}}
  b: {aliases: [b1, b2], rotation_period_in_days: 180}
  c: {customer_master_key_spec: HMAC_256, key_usage: GENERATE_VERIFY_MAC, is_enabled: false}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.yaml"
    path.write_text(KEYS)
    return path


def names(aws: Aws, region: str = "us-east-1") -> list[str]:
    return sorted(aws.tags(key["KeyId"], region)["keywright:key"] for key in aws.keys(region))


@pytest.mark.parametrize("seed", range(1, 10) if ALL else [1])
def test_with_a_third_of_the_calls_failing_each_key_is_made_once_and_as_declared(
    seed: int, file: Path, keywright: Keywright, proxy: FaultingProxy, aws: Aws
) -> None:
    proxy.fault = Flaky(0.3, seed)
    keywright.run("apply", file, "--yes").succeeded()
    assert names(aws) == ["a", "b", "c"]
    assert names(aws, "eu-west-1") == ["a"]
    keywright.run("plan", file, "--detailed-exitcode").succeeded()


def test_throttling_on_every_third_call_is_survived(
    file: Path, keywright: Keywright, proxy: FaultingProxy, aws: Aws
) -> None:
    proxy.fault = throttle_every_third
    keywright.run("apply", file, "--yes").succeeded()
    assert names(aws) == ["a", "b", "c"]
    keywright.run("plan", file, "--detailed-exitcode").succeeded()


def test_while_reads_lag_each_key_is_made_once_and_the_next_run_finds_it(
    file: Path, keywright: Keywright, proxy: FaultingProxy, aws: Aws
) -> None:
    proxy.fault = Lagging(keys=0.7, listings=2, tags=5)
    keywright.run("apply", file, "--yes").succeeded()
    keywright.run("plan", file, "--detailed-exitcode").succeeded()
    keywright.run("apply", file, "--yes").succeeded()
    assert names(aws) == ["a", "b", "c"]
    assert sorted(aws.aliases()) == ["alias/a", "alias/b1", "alias/b2"]


def test_a_key_that_only_the_tagging_api_does_not_list_yet_is_not_made_again(
    file: Path, keywright: Keywright, proxy: FaultingProxy, aws: Aws
) -> None:
    proxy.fault = Lagging(keys=0, listings=0, tags=60)
    keywright.run("apply", file, "--yes").succeeded()
    keywright.run("plan", file, "--detailed-exitcode").succeeded()
    keywright.run("apply", file, "--yes").succeeded()
    assert names(aws) == ["a", "b", "c"]


def test_a_principal_that_kms_sees_only_seconds_later_is_waited_for(
    tmp_path: Path, keywright: Keywright, proxy: FaultingProxy, aws: Aws
) -> None:
    role = aws.make_role("new-app")
    file = tmp_path / "keys.yaml"
    file.write_text(f"stack: late\nregion: us-east-1\nkeys:\n  a: {{key_user_arns: ['{role}']}}\n")
    proxy.fault = late_principal(role, 2.0)
    began = time.monotonic()
    keywright.run("apply", file, "--yes").succeeded()
    assert time.monotonic() - began > 2
    assert names(aws) == ["a"]
