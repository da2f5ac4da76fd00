"""How far a scan is, on a terminal's stderr; silent elsewhere."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress as Bars
    from rich.progress import TaskID


class ScanProgress:
    """A bar over keys whose number grows as Regions are listed. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bars: Bars | None = None
        self._task: TaskID | None = None
        self._found = 0
        self.said = 0
        """How many keys were read."""

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._bars = Progress(*columns, console=Console(stderr=True), transient=True)
            self._task = self._bars.add_task("reading keys", total=None)
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def keys_found(self, count: int) -> None:
        """So many more keys have been listed."""
        with self._lock:
            self._found += count
            if self._bars is not None and self._task is not None:
                self._bars.update(self._task, total=self._found)

    def key_read(self) -> None:
        """One more key has been read, well or not."""
        with self._lock:
            self.said += 1
            if self._bars is not None and self._task is not None:
                self._bars.advance(self._task)
