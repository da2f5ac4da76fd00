"""Whatever is wrong outside of Keywright ends in a clear message and exit code 2, or is survived."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from faulting_proxy import FaultingProxy
from faults_of_aws import answer_garbage, deny, hang, refuse_all

from aws_directly import Aws
from command_line import Finished, Keywright

KEYS = "stack: s\nregion: us-east-1\nkeys:\n  a: {aliases: [a], multi_region: true, replica_regions: {eu-west-1: {}}}\n"
LAUGHS = "a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
IMPATIENT = {"KEYWRIGHT_AWS_PATIENCE": "2"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys.yaml"
    path.write_text(KEYS)
    return path


def refused(finished: Finished, *words: str) -> None:
    """It ended as every error of ours does: exit code 2, a message on stderr with these words, nothing else."""
    assert finished.code == 2, f"exit code {finished.code}\n{finished.out}\n{finished.err}"
    assert "Traceback" not in finished.err
    assert finished.err.strip()
    for word in words:
        assert word in finished.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"keys: [unclosed\n", ("keys.yaml:2",)),
        (b"stack: s\n\tkeys: {}\n", ("keys.yaml:2",)),
        (b"\x00\x01\x02binary", ("keys.yaml",)),
        (b"stack: \xff\xfe\n", ("keys.yaml",)),
        (b"", ("keys.yaml",)),
        (b"just a sentence\n", ("keys.yaml",)),
        (b"- stack\n- keys\n", ("keys.yaml",)),
        (b"stack: 7\nkeys: 9\n", ("keys.yaml:2",)),
        (b"stack: s\nkeys:\n  a: {aliases: 7, tags: [x], is_enabled: perhaps}\n", ("keys.yaml:3", "aliases", "tags")),
        (b"stack: s\nregion: us-east-1\nkeys:\n  a: {alias: [x]}\n", ("keys.yaml:4", "aliases")),
        (LAUGHS.encode(), ("keys.yaml",)),
        (b"stack: s\nkeys: &k\n  a: *k\n", ("keys.yaml",)),
        (b"stack: s\nregion: us-east-1\nkeys:\n  a: {description: '" + b"x" * 10_000_000 + b"'}\n", ("keys.yaml",)),
        (b"stack: s\nkeys:\n" + b"  - no\n" * 1_250_000, ("keys.yaml",)),
        (b"stack: s\nkeys: " + b"[" * 100_000 + b"\n", ("keys.yaml",)),
    ],
    ids=[
        "not YAML", "a tab", "binary", "not UTF-8", "empty", "a sentence", "a list", "wrong types", "more wrong types",
        "an unknown field", "a billion laughs", "a file that contains itself", "10 MB in a field", "10 MB of items",
        "a hundred thousand brackets",
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["validate", "plan"])
def test_a_file_that_is_no_file_of_keys_is_refused_with_its_place(
    command: str, content: bytes, words: tuple[str, ...], file: Path, keywright: Keywright, proxy: FaultingProxy
) -> None:
    file.write_bytes(content)
    finished = keywright.run(command, file)
    refused(finished, *words)
    assert len(finished.err) < 20_000
    assert not proxy.calls


@pytest.mark.parametrize("command", ["validate", "plan", "apply", "verify", "output", "destroy", "restore"])
def test_a_file_that_is_not_there_is_named(command: str, tmp_path: Path, keywright: Keywright) -> None:
    arguments = ["--yes"] if command == "destroy" else []
    refused(keywright.run(command, tmp_path / "nowhere.yaml", *arguments), "nowhere.yaml")
    refused(keywright.run(command, tmp_path, *arguments), str(tmp_path))


def test_no_credentials_are_said(file: Path, keywright: Keywright) -> None:
    finished = keywright.run("plan", file, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    refused(finished, "credentials")


@pytest.mark.parametrize("code", ["ExpiredTokenException", "ExpiredToken"])
def test_expired_credentials_are_said(code: str, file: Path, keywright: Keywright, proxy: FaultingProxy) -> None:
    proxy.fault = refuse_all(code, "The security token included in the request is expired", 403)
    refused(keywright.run("plan", file), "expired")


def test_credentials_that_aws_does_not_know_are_said(file: Path, keywright: Keywright, proxy: FaultingProxy) -> None:
    proxy.fault = refuse_all("UnrecognizedClientException", "The security token in the request is invalid.", 403)
    refused(keywright.run("plan", file), "access key")


def test_a_profile_that_is_not_there_is_said(file: Path, keywright: Keywright) -> None:
    refused(keywright.run("plan", file, "--profile", "nobody"), "nobody")


def test_an_endpoint_that_is_no_url_is_said(file: Path, keywright: Keywright) -> None:
    refused(keywright.run("plan", file, AWS_ENDPOINT_URL="localhost;4566"), "localhost;4566")


def test_an_endpoint_that_is_down_is_said(file: Path, keywright: Keywright) -> None:
    finished = keywright.run("plan", file, AWS_ENDPOINT_URL="http://127.0.0.1:9", **IMPATIENT)
    refused(finished, "http://127.0.0.1:9")


@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"]])
def test_an_endpoint_that_hangs_is_given_up(
    command: list[str], file: Path, keywright: Keywright, proxy: FaultingProxy
) -> None:
    proxy.fault = hang
    refused(keywright.run(*command, file, **IMPATIENT), proxy.endpoint_url)


def test_an_endpoint_that_answers_garbage_is_said(file: Path, keywright: Keywright, proxy: FaultingProxy) -> None:
    proxy.fault = answer_garbage
    refused(keywright.run("plan", file, **IMPATIENT), proxy.endpoint_url)


@pytest.mark.parametrize(
    "operation",
    [
        "CreateAlias", "CreateKey", "DescribeKey", "EnableKeyRotation", "GetKeyPolicy", "GetKeyRotationStatus",
        "GetResources", "ListAliases", "ListKeys", "ReplicateKey",
    ],
)  # fmt: skip
def test_access_denied_on_one_operation_names_it_and_leaves_no_second_key(
    operation: str, file: Path, keywright: Keywright, proxy: FaultingProxy, aws: Aws
) -> None:
    proxy.fault = deny(operation)
    first, second = (keywright.run("apply", file, "--yes", **IMPATIENT) for _ in range(2))
    if operation in proxy.counts and {first.code, second.code} != {0}:
        refused(second, operation)
    assert {first.code, second.code} <= {0, 2}
    assert "Traceback" not in first.err + second.err
    assert len(aws.keys()) <= 1
    proxy.fault = deny("nothing")
    keywright.run("apply", file, "--yes").succeeded()
    keywright.run("plan", file, "--detailed-exitcode").succeeded()
    assert len(aws.keys()) == 1


@pytest.mark.parametrize("place", ["a folder", "a missing folder", "a read-only file"])
def test_a_place_that_cannot_take_the_plan_is_named(place: str, file: Path, keywright: Keywright) -> None:
    where = file.parent
    if place == "a missing folder":
        where = file.parent / "missing" / "plan.json"
    if place == "a read-only file":
        where = file.parent / "plan.json"
        where.touch(0o444)
        if os.access(where, os.W_OK):
            where = Path("/proc/version")  # root may write everywhere but there
    refused(keywright.run("plan", file, "--out", where), str(where))


def test_a_plan_that_is_none_is_refused(file: Path, keywright: Keywright, proxy: FaultingProxy) -> None:
    bad = file.parent / "plan.json"
    for content in ("{}", "[]", "{", '{"keywright": 99}', "null"):
        bad.write_text(content)
        refused(keywright.run("apply", bad, "--yes"), "plan.json")
    assert not [call for call in proxy.calls if call.operation.startswith(("Create", "Put"))]
