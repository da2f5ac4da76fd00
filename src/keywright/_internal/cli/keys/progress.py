"""What a person sees on stderr while keys are worked on: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Self

import typer

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class Progress:
    """A report for people. Safe to use from many threads.

    Args:
        as_result: whether what is said is the command's result, and goes to stdout.
    """

    def __init__(self, *, as_result: bool = False) -> None:
        self._as_result = as_result
        self._lock = threading.Lock()
        self._bars: Bars | None = None
        self._task: TaskID | None = None
        self.said = 0
        """How many changes it was told of."""

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            self._bars = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def begin(self, doing: str, total: int) -> None:
        """A stretch of work on so many keys begins."""
        with self._lock:
            if self._bars is not None and total:
                if self._task is not None:
                    self._bars.remove_task(self._task)
                self._task = self._bars.add_task(doing, total=total)

    def say(self, name: str, words: str) -> None:
        """Something was done to a key."""
        with self._lock:
            self.said += 1
            if self._bars is not None and not (self._as_result and not sys.stdout.isatty()):
                self._bars.console.print(f"{name}: {words}", markup=False, highlight=False, soft_wrap=True)
            else:
                typer.echo(f"{name}: {words}", err=not self._as_result)

    def advance(self) -> None:
        """One key of the stretch is through."""
        with self._lock:
            if self._bars is not None and self._task is not None:
                self._bars.advance(self._task)
