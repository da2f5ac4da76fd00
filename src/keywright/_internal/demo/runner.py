"""Performs the story from beginning to end and says how it went."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keywright._internal.demo.environment import CommandRun, Stage, Unexpected
from keywright._internal.demo.story import REGION, STORY
from keywright._internal.sandbox import DEFAULT_ACCOUNT, Sandbox

if TYPE_CHECKING:
    from keywright._internal.demo.console import Teller


@dataclass(frozen=True, slots=True)
class Performance:
    """How the story went.

    Args:
        failure: what did not go as told; empty if everything did.
        seconds: how long it took.
        deeds: the commands that were run.
    """

    failure: str
    seconds: float
    deeds: tuple[CommandRun, ...]

    def as_document(self) -> dict[str, Any]:
        """The performance as `--json` shows it."""
        return {
            "failure": self.failure or None,
            "seconds": self.seconds,
            "commands": [
                {"command": deed.command, "exit_code": deed.exit_code, "seconds": deed.seconds} for deed in self.deeds
            ],
        }


def perform(teller: Teller) -> Performance:
    """Tell the whole story on an embedded AWS of its own.

    Raises:
        KeywrightError: if the embedded AWS can't be started.
    """
    began = time.monotonic()
    failure = ""
    with Sandbox() as sandbox, tempfile.TemporaryDirectory(prefix="keywright-demo-") as folder:
        sandbox.require_principals(DEFAULT_ACCOUNT)
        stage = Stage(sandbox, Path(folder), teller, REGION)
        try:
            for chapter in STORY:
                chapter(stage)
        except Unexpected as unexpected:
            failure = str(unexpected)
            teller.failed(failure)
    seconds = round(time.monotonic() - began, 1)
    teller.end(
        f"The story stopped after {seconds} seconds." if failure else f"Everything as told, in {seconds} seconds."
    )
    return Performance(failure, seconds, tuple(stage.deeds))
