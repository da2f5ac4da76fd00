"""The demo runs on an embedded AWS of its own, with the real commands, whatever the user's settings are."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from keywright._internal.demo.console import DemoConsole
from keywright._internal.demo.environment import Environment, Unexpected
from keywright._internal.demo.steps import REGION
from keywright._internal.sandbox import Sandbox


def test_the_demo_completes() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "keywright", "demo", "--json"],
        env={**os.environ, "AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_PROFILE": "of-the-user"},
        capture_output=True,
        text=True,
        check=False,
    )
    document = json.loads(done.stdout)
    assert (done.returncode, document["failure"]) == (0, None), done.stderr
    commands = [item["command"].split()[1] for item in document["commands"]]
    assert set(commands) >= {"validate", "plan", "apply", "output", "verify", "destroy", "restore"}
    assert "\x1b[" not in done.stderr
    assert "keys.yaml:" in done.stderr


@pytest.fixture
def environment(sandbox: Sandbox, tmp_path: Path) -> Environment:
    return Environment(sandbox, tmp_path, DemoConsole(Console(file=io.StringIO())), REGION)


def test_an_unexpected_exit_code_stops_the_demo(environment: Environment) -> None:
    with pytest.raises(Unexpected, match="expected exit code 0"):
        environment.keywright("validate", "nowhere.yaml")


def test_a_check_that_fails_stops_the_demo(environment: Environment) -> None:
    with pytest.raises(Unexpected, match="not true: AWS has two keys"):
        environment.check(False, "AWS has two keys")
