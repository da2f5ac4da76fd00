"""Keeps calls within AWS's request quotas: one line for each account, Region and operation, which moves at its rate.

A call takes the next slot of its line. Slots are evenly spaced, without bursts, because AWS doesn't say how long its
own window is. A throttled call means that somebody else in the account draws on the same quota: its line slows down at
once, comes back soon to just below the rate that was too much, and tries more only slowly (the CUBIC rule, which the
AWS SDKs' adaptive retry mode follows, too).

https://docs.aws.amazon.com/kms/latest/developerguide/throttling.html
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

from __future__ import annotations

import math
import os
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright._internal.aws.quotas import REQUESTS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

PACE_LOOPBACK_VARIABLE = "KEYWRIGHT_PACE_LOOPBACK"
"""Environment variable that, set to anything, has calls to this machine paced as calls to AWS are."""

_SHARE = 0.98
"""Of a quota: so that calls which reach AWS a little closer together than they were sent are still within it."""

_CUT = 0.2
"""The share of its rate that a line loses when a call is throttled."""

_RECOVERY_IN_SECONDS = 15.0
"""Until a line is back at the rate at which it was throttled."""

_LEAST_SHARE = 0.02
"""Of a quota: no line gets slower than that."""

_LOOK_AGAIN_IN_SECONDS = 1.0
"""The longest sleep of a waiting call: its slot may have moved."""

_TO_ASK_IN_SECONDS = 1.0
"""A line of this length is worth asking AWS what the quota really is."""

_TICK = 1e-6


@dataclass(frozen=True, slots=True)
class Quota:
    """What a line is for: the account whose quota it is, the Region and the operation."""

    account: str
    region: str
    operation: str


@dataclass(slots=True, eq=False)
class _Slot:
    """When a call may be sent."""

    at: float


@dataclass(slots=True)
class _Line:
    """The calls of one quota.

    Args:
        quota: AWS's limit, in calls per second.
        free_at: when the next slot is.
        cut_at: when the line was slowed down last.
        cut_from: the rate that was too much then.
        waiting: the slots that were given and have not come yet.
    """

    quota: float
    free_at: float
    cut_at: float = -math.inf
    cut_from: float = math.inf
    waiting: set[_Slot] = field(default_factory=set)

    def rate(self, now: float) -> float:
        """How many calls a second are sent at the moment."""
        full = self.quota * _SHARE
        if self.cut_from == math.inf:
            return full
        way = (now - self.cut_at) / _RECOVERY_IN_SECONDS - 1
        return min(full, max(self.quota * _LEAST_SHARE, self.cut_from * (1 + _CUT * way**3)))

    def take(self, cost: float, now: float) -> _Slot:
        """The next slot, for a call that counts as so many."""
        slot = _Slot(max(now, self.free_at))
        self.free_at = slot.at + cost / self.rate(now)
        self.waiting.add(slot)
        return slot

    def slow_down(self, now: float) -> None:
        """A call that was sent after the last change was throttled."""
        before = self.rate(now)
        self.cut_at, self.cut_from = now, before
        self._stretch(before, now)

    def learn(self, quota: float, now: float) -> None:
        """The quota is another one than was thought."""
        before, self.quota = self.rate(now), quota
        self._stretch(before, now)

    def _stretch(self, before: float, now: float) -> None:
        """Move the slots that have not come yet from one rate to the present one."""
        factor = before / self.rate(now)
        for slot in self.waiting:
            slot.at = now + max(0.0, slot.at - now) * factor
        self.free_at = now + max(0.0, self.free_at - now) * factor


@dataclass(slots=True)
class Pacing:
    """All lines of one run. Safe to use from many threads.

    Args:
        quotas: requests per second by operation; an operation that isn't named isn't paced.
        clock: seconds that never go back.
        sleep: waits for that many seconds.
        loopback: whether calls to this machine are paced from the start; else an operation is once it was throttled.
    """

    quotas: Mapping[str, float] = field(default_factory=lambda: REQUESTS_PER_SECOND)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    loopback: bool = field(default_factory=lambda: bool(os.environ.get(PACE_LOOPBACK_VARIABLE)))
    _lines: dict[Quota, _Line] = field(default_factory=dict)
    _asked: dict[tuple[str, str], Mapping[str, float]] = field(default_factory=dict)
    _throttled: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def applies(self, operation: str, *, loopback: bool) -> bool:
        """Whether calls of an operation are paced."""
        return operation in self.quotas and (not loopback or self.loopback or operation in self._throttled)

    def wait(self, quota: Quota, cost: float = 1, ask: Callable[[], Mapping[str, float]] | None = None) -> float:
        """Wait for a slot of a line, and return when it was.

        Args:
            quota: the line.
            cost: as how many calls of the operation this one counts.
            ask: asks AWS for the quotas of that account in that Region; called once, and only if the line is long.
        """
        with self._lock:
            line = self._line(quota)
            slot = line.take(cost, self.clock())
        try:
            while (pause := slot.at - self.clock()) > _TICK:
                if pause > _TO_ASK_IN_SECONDS and ask is not None and self._first_to_ask(quota):
                    self._learn(quota, ask())
                    continue
                self.sleep(min(pause, _LOOK_AGAIN_IN_SECONDS))
        finally:
            with self._lock:
                line.waiting.discard(slot)
        return slot.at

    def throttled(self, quotas: Iterable[Quota], sent_at: float) -> None:
        """A call was throttled; where it draws on several quotas, the line that is booked out farthest is taken for it.

        Args:
            quotas: those that the call draws on.
            sent_at: when its slot was. Of calls that were sent before the line slowed down nothing more is learnt.
        """
        with self._lock:
            lines = {quota: self._line(quota) for quota in quotas if quota.operation in self.quotas}
            if lines:
                busiest = max(lines, key=lambda quota: lines[quota].free_at)
                self._throttled.add(busiest.operation)
                if sent_at > lines[busiest].cut_at:
                    lines[busiest].slow_down(self.clock())

    def rate(self, quota: Quota) -> float:
        """How many calls a second are sent at the moment; infinity where none has been paced yet."""
        with self._lock:
            line = self._lines.get(quota)
            return math.inf if line is None else line.rate(self.clock())

    def forget(self, account: str) -> None:
        """Let go of the lines of an account whose work is done: a thousand accounts fill a memory."""
        with self._lock:
            self._lines = {quota: line for quota, line in self._lines.items() if quota.account != account}
            self._asked = {place: told for place, told in self._asked.items() if place[0] != account}

    def _quota(self, quota: Quota) -> float:
        told = self._asked.get((quota.account, quota.region), {})
        return told.get(quota.operation) or self.quotas.get(quota.operation, math.inf)

    def _line(self, quota: Quota) -> _Line:
        line = self._lines.get(quota)
        if line is None:
            line = self._lines[quota] = _Line(self._quota(quota), self.clock())
        return line

    def _first_to_ask(self, quota: Quota) -> bool:
        with self._lock:
            place = quota.account, quota.region
            first = place not in self._asked
            self._asked.setdefault(place, {})
        return first

    def _learn(self, asked_for: Quota, told: Mapping[str, float]) -> None:
        with self._lock:
            place = asked_for.account, asked_for.region
            self._asked[place] = told
            for quota, line in self._lines.items():
                if (quota.account, quota.region) == place and quota.operation in told:
                    line.learn(told[quota.operation], self.clock())
