"""Runs the demo from beginning to end and says how it went."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keywright._internal.demo.environment import CommandRun, Environment, Unexpected
from keywright._internal.demo.steps import REGION, STEPS
from keywright._internal.sandbox import DEFAULT_ACCOUNT, Sandbox

if TYPE_CHECKING:
    from keywright._internal.demo.console import DemoConsole


@dataclass(frozen=True, slots=True)
class DemoResult:
    """How the demo went.

    Args:
        failure: what went wrong; empty if nothing did.
        seconds: how long it took.
        commands: the commands that were run.
    """

    failure: str
    seconds: float
    commands: tuple[CommandRun, ...]

    def as_document(self) -> dict[str, Any]:
        """The result as `--json` shows it."""
        return {
            "failure": self.failure or None,
            "seconds": self.seconds,
            "commands": [
                {"command": run.command, "exit_code": run.exit_code, "seconds": run.seconds} for run in self.commands
            ],
        }


def run_demo(console: DemoConsole) -> DemoResult:
    """Run every step on an embedded AWS of its own.

    Raises:
        KeywrightError: if the embedded AWS can't be started.
    """
    began = time.monotonic()
    failure = ""
    with Sandbox(enforce=True) as sandbox, tempfile.TemporaryDirectory(prefix="keywright-demo-") as folder:
        sandbox.require_principals(DEFAULT_ACCOUNT)
        environment = Environment(sandbox, Path(folder), console, REGION)
        try:
            for step in STEPS:
                step(environment)
        except Unexpected as unexpected:
            failure = str(unexpected)
            console.failed(failure)
    seconds = round(time.monotonic() - began, 1)
    console.end(f"Demo failed after {seconds} s" if failure else f"Demo completed in {seconds} s")
    return DemoResult(failure, seconds, tuple(environment.commands))
