"""Keys come to AWS, stay as declared, and go away, on the embedded AWS."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
ROOMY = 60


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "SERVICES": "kms,sts,iam,tagging"}
    with (tmp_path_factory.mktemp("emulator") / "log").open("w") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "ministack"], env=environment, stdout=log, stderr=log, start_new_session=True,
            cwd=tmp_path_factory.getbasetemp(),
        )  # fmt: skip
        try:
            ends = time.monotonic() + ROOMY
            while True:
                try:
                    urllib.request.urlopen(f"{url}/_ministack/health", timeout=1)
                    break
                except urllib.error.HTTPError:
                    break
                except OSError:
                    assert child.poll() is None
                    assert time.monotonic() < ends
                    time.sleep(0.1)
            yield url
        finally:
            os.killpg(child.pid, signal.SIGTERM)
            child.wait(ROOMY)


@pytest.fixture
def environment(endpoint: str, request: pytest.FixtureRequest) -> dict[str, str]:
    account = f"{zlib.crc32(request.node.nodeid.encode()) % 10**11 + 10**11:012d}"
    return {
        **os.environ,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def keywright(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from keywright.cli.app import main; main()", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def kms(environment: dict[str, str], region: str = "us-east-1") -> KMSClient:
    return boto3.client(
        "kms",
        region_name=region,
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key="secret",
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_applied_and_the_second_plan_is_empty(example: Path, environment: dict[str, str]) -> None:
    applied = keywright(environment, "apply", str(example), "--yes")
    assert applied.returncode == 0, applied.stderr
    second = keywright(environment, "plan", str(example), "--detailed-exitcode")
    assert (second.returncode, second.stdout) == (0, "nothing to do: AWS matches the file\n"), second.stderr
    outputs = json.loads(keywright(environment, "output", str(example), "--json").stdout)["keys"]
    assert all(item["key_arn"] for item in outputs.values())


def test_a_key_is_destroyed_and_restored_with_its_alias(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text("stack: s\nregion: us-east-1\nkeys:\n  a: {aliases: [a]}\n")
    assert keywright(environment, "apply", str(file)).returncode == 0
    refused = keywright(environment, "destroy", str(file))
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    assert keywright(environment, "destroy", str(file), "--yes").returncode == 0
    offered = keywright(environment, "apply", str(file))
    assert offered.returncode == 2
    assert "keywright restore" in offered.stderr
    assert keywright(environment, "restore", str(file)).returncode == 0
    assert keywright(environment, "verify", str(file)).returncode == 0


def test_a_change_by_hand_is_shown_and_mended(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text("stack: s\nregion: us-east-1\nkeys:\n  a: {aliases: [a], tags: {t: v}}\n")
    keywright(environment, "apply", str(file))
    (alias,) = [item for item in kms(environment).list_aliases()["Aliases"] if item["AliasName"] == "alias/a"]
    kms(environment).disable_key(KeyId=alias["TargetKeyId"])
    kms(environment).untag_resource(KeyId=alias["TargetKeyId"], TagKeys=["t"])
    drift = keywright(environment, "verify", str(file))
    assert drift.returncode == 1
    assert "enable the key" in drift.stdout
    assert "set the tags t" in drift.stdout
    assert keywright(environment, "apply", str(file)).returncode == 0
    assert keywright(environment, "verify", str(file)).returncode == 0


def test_an_alias_of_a_foreign_key_is_left_where_it_is(environment: dict[str, str], tmp_path: Path) -> None:
    foreign = kms(environment).create_key()["KeyMetadata"]["KeyId"]
    kms(environment).create_alias(AliasName="alias/a", TargetKeyId=foreign)
    file = tmp_path / "keys.yaml"
    file.write_text("stack: s\nregion: us-east-1\nkeys:\n  a: {aliases: [a]}\n  b: {}\n")
    result = keywright(environment, "apply", str(file), "--json")
    assert result.returncode == 2
    outcome = json.loads(result.stdout)["keys"]
    assert foreign in outcome["a"]["error"]
    assert outcome["b"]["error"] is None


def test_what_aws_cannot_change_is_refused_and_nothing_is_replaced(environment: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text("stack: s\nregion: us-east-1\nkeys:\n  a: {}\n")
    keywright(environment, "apply", str(file))
    before = len(kms(environment).list_keys()["Keys"])
    file.write_text("stack: s\nregion: us-east-1\nkeys:\n  a: {multi_region: true}\n")
    result = keywright(environment, "apply", str(file))
    assert result.returncode == 2
    assert "for good" in result.stderr
    assert len(kms(environment).list_keys()["Keys"]) == before


def test_an_endpoint_that_is_down_ends_in_a_clear_error(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text("stack: s\nregion: us-east-1\nkeys:\n  a: {}\n")
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "KEYWRIGHT_AWS_PATIENCE": "1",
    }
    result = keywright(environment, "plan", str(file))
    assert result.returncode == 2
    assert "127.0.0.1:9" in result.stderr
    assert "Traceback" not in result.stderr
