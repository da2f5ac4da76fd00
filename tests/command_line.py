"""Runs `keywright` as often as a test wants, each time in a process of its own, without paying for its start.

A process that has imported everything stands by (`standing_by.py`) and forks for each run: a run costs little more
than its own work, is as separate from the test as any process, and can be killed.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from documents import check_printed

PATIENCE = 120.0
"""Seconds after which a run that hasn't ended is aborted; it then has the exit code -6, and says where it stood."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a run ended: its exit code (negative: the signal that killed it), and what it printed."""

    code: int
    out: str
    err: str
    arguments: tuple[str, ...] = ()

    @property
    def document(self) -> Any:
        """What it printed on stdout with `--json`; an error if that isn't what the document's schema says."""
        found = json.loads(self.out)
        check_printed(self.arguments, self.out, found)
        return found

    def succeeded(self) -> Self:
        """Itself; an AssertionError with what it printed if its exit code isn't 0."""
        assert self.code == 0, f"exit code {self.code}\n{self.out}\n{self.err}"
        return self


@dataclass(frozen=True, slots=True)
class Running:
    """A run under way."""

    pid: int
    _line: CommandLine
    _out: Path
    _arguments: tuple[str, ...]

    @property
    def err(self) -> str:
        """What it has printed on stderr so far."""
        return self._out.with_suffix(".err").read_text()

    def wait(self, seconds: float = PATIENCE) -> Finished:
        """Wait for its end."""
        code = self._line._ask(wait=self.pid, seconds=seconds)["code"]
        return Finished(code, self._out.read_text(), self.err, self._arguments)


class CommandLine:
    """`keywright`, ready to run. A context manager.

    Args:
        environment: of every run, over this process's own.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = dict(environment or {})
        self._room = tempfile.TemporaryDirectory()
        self._numbers = itertools.count(1)
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("standing_by.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def within(self, environment: Mapping[str, str]) -> CommandLine:
        """The same process, for runs with this environment."""
        other = copy.copy(self)
        other._environment = dict(environment)
        return other

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()
        self._room.cleanup()

    def start(
        self, *arguments: str | Path, directory: Path | None = None, given: str | None = None, **environment: str | None
    ) -> Running:
        """Start `keywright` with these arguments and this standard input; keyword arguments are environment variables.

        None is for a variable that is to be unset.
        """
        out = Path(self._room.name) / f"{next(self._numbers)}.out"
        if given is not None:
            out.with_suffix(".in").write_text(given)
        whole = {**os.environ, **self._environment, **environment}
        whole = {name: value for name, value in whole.items() if value is not None}
        pid = self._ask(
            arguments=[str(item) for item in arguments],
            environment=whole,
            directory=str(directory or Path.cwd()),
            out=str(out),
            given=os.devnull if given is None else str(out.with_suffix(".in")),
        )["pid"]
        return Running(pid, self, out, tuple(map(str, arguments)))

    def run(
        self, *arguments: str | Path, directory: Path | None = None, given: str | None = None, **environment: str | None
    ) -> Finished:
        """Run `keywright` to its end."""
        return self.start(*arguments, directory=directory, given=given, **environment).wait()

    def _ask(self, **question: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


@dataclass(frozen=True, slots=True)
class Keywright:
    """`keywright` in one folder, with settings of its own."""

    line: CommandLine
    environment: Mapping[str, str | None]
    directory: Path

    def start(self, *arguments: str | Path, **environment: str | None) -> Running:
        """Start it."""
        return self.line.start(*arguments, directory=self.directory, **{**self.environment, **environment})

    def run(self, *arguments: str | Path, **environment: str | None) -> Finished:
        """Run it to its end."""
        return self.start(*arguments, **environment).wait()
