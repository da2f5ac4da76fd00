"""The whole story is told on an embedded AWS of its own, with the real commands, and nothing else counts."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from keywright._internal.demo.console import Teller
from keywright._internal.demo.environment import Stage, Unexpected
from keywright._internal.demo.story import REGION
from keywright._internal.sandbox import Sandbox


def test_the_story_goes_as_told() -> None:
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
def stage(sandbox: Sandbox, tmp_path: Path) -> Stage:
    return Stage(sandbox, tmp_path, Teller(Console(file=io.StringIO())), REGION)


def test_a_command_that_ends_otherwise_than_told_stops_the_story(stage: Stage) -> None:
    with pytest.raises(Unexpected, match="expected exit code 0"):
        stage.keywright("validate", "nowhere.yaml")


def test_a_sentence_that_is_not_so_stops_the_story(stage: Stage) -> None:
    with pytest.raises(Unexpected, match="not so: AWS has two keys"):
        stage.check(False, "AWS has two keys")
