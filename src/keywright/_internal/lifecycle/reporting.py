"""What a long run tells while it works; how that looks is the command line's matter."""

from __future__ import annotations

from typing import Protocol


class Report(Protocol):
    """Hears of progress, from many threads."""

    def begin(self, doing: str, total: int) -> None:
        """A stretch of work on so many keys begins."""

    def say(self, name: str, words: str) -> None:
        """Something was done to a key."""

    def advance(self) -> None:
        """One key of the stretch is through, well or not."""


class Silent:
    """Tells nobody."""

    def begin(self, doing: str, total: int) -> None:
        """Nothing."""

    def say(self, name: str, words: str) -> None:
        """Nothing."""

    def advance(self) -> None:
        """Nothing."""
