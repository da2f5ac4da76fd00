"""A clock for tests of waiting: time passes only while somebody sleeps."""

from __future__ import annotations


class SleepingClock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
