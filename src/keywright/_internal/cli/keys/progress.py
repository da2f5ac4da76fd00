"""What a person sees on stderr while keys are read and worked on: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading
import time
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from keywright.errors import KeywrightError

_LINES_EVERY_SECONDS = 5.0
_WORTH_FORETELLING_SECONDS = 3


class Progress:
    """A report for people. Safe to use from many threads.

    A context manager; its bars are on the terminal while a stretch of work goes on, and no longer.

    Args:
        as_result: whether what is said is the command's result, and goes to stdout.
        things: what is counted.
    """

    def __init__(self, *, as_result: bool = False, things: str = "keys") -> None:
        self._things = things
        self._as_result = as_result
        self._lock = threading.Lock()
        self._bars: Bars | None = None
        self._task: TaskID | None = None
        self._doing, self._total, self._done = "", 0, 0
        self._seconds_left: Callable[[], float] = lambda: 0.0
        self._last_line = time.monotonic()
        self._noticed: dict[str, float] = {}
        self.said = 0
        """How many changes it was told of."""
        self.failures: list[tuple[str, KeywrightError]] = []
        """The keys that failed so far, and why; the command's result says it in the end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._take_off()

    def _take_off(self) -> None:
        if self._bars is not None:
            self._bars.stop()
        self._bars, self._task = None, None

    def begin(self, doing: str, total: int, seconds_left: Callable[[], float] = lambda: 0.0) -> None:
        """A stretch of work on so many keys begins."""
        with self._lock:
            self._doing, self._total, self._done, self._seconds_left = doing, total, 0, seconds_left
            self._last_line = time.monotonic()
            if total > 1 and sys.stderr.isatty():
                self._take_off()
                self._bars = _bars()
                self._task = self._bars.add_task(doing, total=total, left="")

    def say(self, name: str, words: str) -> None:
        """Something was done to a key."""
        with self._lock:
            self.said += 1
            self._print(f"{name}: {words}", err=not self._as_result)

    def fail(self, name: str, error: KeywrightError) -> None:
        """A key failed."""
        with self._lock:
            self.failures.append((name, error))

    def advance(self) -> None:
        """One key of the stretch is through."""
        with self._lock:
            self._done += 1
            if self._bars is not None and self._task is not None:
                self._bars.update(self._task, advance=1, left=self._failed() + self._left())
                if self._done >= self._total:
                    self._take_off()
            elif time.monotonic() - self._last_line > _LINES_EVERY_SECONDS and self._done < self._total:
                done = f"{self._done:,} of {self._total:,} {self._things}"
                self._print(f"{self._doing}: {done}{self._failed()}{self._left()}", err=True)
                self._last_line = time.monotonic()

    def waiting(self, what: str, seconds: float) -> None:
        """Something is waited for, for at most so many seconds more."""
        with self._lock:
            now = time.monotonic()
            if now - self._noticed.get(what, -_LINES_EVERY_SECONDS) < _LINES_EVERY_SECONDS:
                return
            self._noticed[what] = now
            until = datetime.now().astimezone() + timedelta(seconds=seconds)
            self._print(f"waiting for {what}, until {until:%H:%M:%S} at the latest", err=True)

    def _failed(self) -> str:
        return f", {len(self.failures):,} failed" if self.failures else ""

    def _left(self) -> str:
        """What is known of the time that is left, as far as AWS's request quotas decide it."""
        seconds = round(self._seconds_left())
        if seconds < _WORTH_FORETELLING_SECONDS:
            return ""
        return f", at AWS's request quotas about {seconds // 60} min {seconds % 60:02} s left"

    def _print(self, text: str, *, err: bool) -> None:
        if self._bars is not None and (err or sys.stdout.isatty()):
            self._bars.console.print(text, markup=False, highlight=False, soft_wrap=True)
        else:
            typer.echo(text, err=err)


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    )
    bars = Progress(*columns, console=Console(stderr=True), transient=True)
    bars.start()
    return bars
