"""What a run tells: progress while it works, and in the end how it went for each key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from keywright.errors import KeywrightError


@dataclass(frozen=True, slots=True)
class KeyOutcome:
    """How it went for one key: the changes that were applied, and the error that ended it, if any."""

    name: str
    applied: tuple[str, ...] = ()
    error: KeywrightError | None = None
    created: bool = False

    def as_document(self) -> dict[str, Any]:
        """For `--json`."""
        return {"applied": list(self.applied), "error": str(self.error) if self.error else None}


class Report(Protocol):
    """Hears of progress, from many threads; how that looks is the command line's matter."""

    def begin(self, doing: str, total: int, seconds_left: Callable[[], float] = lambda: 0.0) -> None:
        """A stretch of work on so many keys begins.

        Args:
            doing: what is done.
            total: how many keys.
            seconds_left: how long it takes still, at least; 0 where that isn't known.
        """

    def say(self, name: str, words: str) -> None:
        """Something was done to a key."""

    def fail(self, name: str, error: KeywrightError) -> None:
        """A key failed; its outcome says so, too."""

    def advance(self) -> None:
        """One key of the stretch is through, well or not."""


class Silent:
    """Tells nobody."""

    def begin(self, doing: str, total: int, seconds_left: Callable[[], float] = lambda: 0.0) -> None:
        """Nothing."""

    def say(self, name: str, words: str) -> None:
        """Nothing."""

    def fail(self, name: str, error: KeywrightError) -> None:
        """Nothing."""

    def advance(self) -> None:
        """Nothing."""
