"""The embedded AWS starts quickly, says how to reach it, and never outlives the process that started it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import boto3
import pytest

from keywright._internal.sandbox import Sandbox
from keywright.errors import InputError, KeywrightError

COMMAND = [sys.executable, "-c", "from keywright._internal.cli.app import main; main()", "sandbox"]


@contextmanager
def in_foreground(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def endpoint_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    url: str = json.loads(process.stdout.readline())["endpoint_url"]
    return url


def answers(url: str) -> bool:
    parts = urlsplit(url)
    with socket.socket() as attempt:
        return attempt.connect_ex((parts.hostname or "", parts.port or 0)) == 0


def test_it_answers_aws_calls_as_soon_as_it_has_started_and_no_longer_once_stopped() -> None:
    with Sandbox() as running:
        client = boto3.client(
            "sts", region_name="us-east-1", endpoint_url=running.endpoint_url,
            aws_access_key_id="444455556666", aws_secret_access_key="x",
        )  # fmt: skip
        assert client.get_caller_identity()["Arn"] == "arn:aws:iam::444455556666:root"
    assert not answers(running.endpoint_url)


def test_the_command_prints_the_endpoint_and_the_settings_as_one_document() -> None:
    with in_foreground("--json", "--account", "444455556666") as process:
        assert process.stdout is not None
        document = json.loads(process.stdout.readline())
        assert answers(document["endpoint_url"])
        assert document["environment"]["AWS_ENDPOINT_URL"] == document["endpoint_url"]
        assert document["environment"]["AWS_ACCESS_KEY_ID"] == "444455556666"


def test_a_grant_lag_without_enforcement_is_refused() -> None:
    with in_foreground("--grant-lag", "5") as process:
        _, err = process.communicate(timeout=20)
    assert process.returncode == 2
    assert "--enforce" in err


def test_the_printed_settings_can_be_pasted_into_a_shell() -> None:
    with in_foreground() as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(9)]
        shell = subprocess.run(
            ["/bin/sh", "-c", f"{''.join(lines)}echo $AWS_ENDPOINT_URL"], capture_output=True, text=True, check=True
        )
        assert answers(shell.stdout.strip())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(number: signal.Signals) -> None:
    with in_foreground("--json") as process:
        url = endpoint_of(process)
        process.send_signal(number)
        out, err = process.communicate(timeout=10)
        assert (process.returncode, out) == (0, "")
        assert "Traceback" not in err
        assert not answers(url)


def test_it_dies_with_its_parent_even_where_that_is_killed() -> None:
    with in_foreground("--json") as process:
        url = endpoint_of(process)
        os.kill(process.pid, signal.SIGKILL)
        ends = time.monotonic() + 10
        while answers(url):
            assert time.monotonic() < ends
            time.sleep(0.05)


def test_a_taken_port_is_said_and_exits_two() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with in_foreground("--port", str(taken.getsockname()[1])) as process:
            _, err = process.communicate(timeout=10)
    assert process.returncode == 2
    assert "--port" in err


def test_a_taken_port_is_an_error_of_ours() -> None:
    with Sandbox() as first, pytest.raises(KeywrightError, match="is taken"):
        Sandbox(port=int(first.endpoint_url.rpartition(":")[2])).start()


def test_an_account_is_twelve_digits(sandbox: Sandbox) -> None:
    with pytest.raises(InputError, match="not an account"):
        sandbox.environment("prod")


def test_the_users_own_aws_settings_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("PERSIST_STATE", "1")
    with Sandbox() as running:
        assert answers(running.endpoint_url)
        assert running.environment()["AWS_ENDPOINT_URL"] == running.endpoint_url


def test_stopping_twice_is_fine() -> None:
    running = Sandbox().start()
    running.stop()
    running.stop()
    assert not answers(running.endpoint_url)
