"""Keeps calls within AWS's request quotas: a token bucket for each account, Region and operation."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright._internal.aws.quotas import REQUESTS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BURST_IN_SECONDS = 0.2
"""How much of a second's quota may be drawn at once. Small, because AWS's own window is not ours."""


@dataclass(slots=True)
class _Bucket:
    """A token bucket that may be overdrawn: the debt is the time its drawer has to wait."""

    rate: float
    tokens: float
    filled_at: float

    def draw(self, cost: float, now: float) -> float:
        """Take `cost` tokens and return for how many seconds the drawer has to wait."""
        capacity = max(1.0, self.rate * _BURST_IN_SECONDS)
        self.tokens = min(capacity, self.tokens + (now - self.filled_at) * self.rate)
        self.filled_at = now
        self.tokens -= cost
        return max(0.0, -self.tokens / self.rate)


@dataclass(slots=True)
class Pacing:
    """All buckets of one run. Safe to use from many threads.

    Args:
        quotas: requests per second by operation; an operation that isn't named isn't paced.
        clock: seconds that never go back.
        sleep: waits for that many seconds.
    """

    quotas: Mapping[str, float] = field(default_factory=lambda: REQUESTS_PER_SECOND)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _buckets: dict[tuple[str, str, str], _Bucket] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, account: str, region: str, operation: str, cost: float = 1) -> None:
        """Wait until the account's quota in that Region has room for the operation."""
        rate = self.quotas.get(operation)
        if rate is None:
            return
        with self._lock:
            now = self.clock()
            bucket = self._buckets.get((account, region, operation))
            if bucket is None:
                bucket = _Bucket(rate, max(1.0, rate * _BURST_IN_SECONDS), now)
                self._buckets[account, region, operation] = bucket
            pause = bucket.draw(cost, now)
        if pause > 0:
            self.sleep(pause)
