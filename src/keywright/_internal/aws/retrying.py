"""The retry policy, ours and explicit: botocore never repeats a request by itself in this package.

What may be repeated depends on what is known about the attempt that failed: see `Verdict`.
"""

from __future__ import annotations

import math
import os
import random
import time
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, TypeVar

from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

PATIENCE_VARIABLE = "KEYWRIGHT_AWS_PATIENCE"
"""Environment variable with the seconds to keep trying one call; default 60."""

_DEFAULT_PATIENCE = 60.0


class Verdict(Enum):
    """What is known about an attempt that failed."""

    REJECTED = "throttled: it was not carried out, for certain"
    NOT_SENT = "no connection was made: it was not carried out, for certain"
    UNKNOWN = "it was sent and no usable answer came: nobody knows"
    GARBLED = "what answered isn't AWS: nobody knows"
    FINAL = "AWS answered, and asking again changes nothing"


_SHARE_OF_PATIENCE = {
    Verdict.REJECTED: 1.0,
    Verdict.UNKNOWN: 1.0,
    Verdict.NOT_SENT: 1 / 6,
    Verdict.GARBLED: 1 / 12,
}
_CONNECTING_IN_SECONDS = 2.5
"""An endpoint where nothing listens is seldom back within the minute: it is given up soon."""

_WAITING_FOR = {
    Verdict.REJECTED: "AWS to stop throttling",
    Verdict.NOT_SENT: "a connection",
    Verdict.UNKNOWN: "an answer of AWS",
    Verdict.GARBLED: "an answer of AWS",
}


def patience_in_seconds(text: str | None) -> float:
    """What the environment variable says, or the default where it says nothing.

    Raises:
        InputError: it isn't a positive number of seconds.
    """
    if not text:
        return _DEFAULT_PATIENCE
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise InputError(f"{PATIENCE_VARIABLE} is `{text}`", "write a positive number of seconds, or unset it")
    return seconds


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one call is tried, and the pauses between attempts (jittered exponential backoff).

    Args:
        seconds: from the first attempt; no attempt begins later than this.
        first_pause: the longest pause after the first attempt, in seconds; it doubles each time.
        longest_pause: the cap of that, in seconds.
        clock: seconds that never go back.
        sleep: waits for that many seconds.
        spread: a number between its two arguments, at random.
        notice: told of every call that is tried for more than a second: what is wrong, and for how many seconds more.
    """

    seconds: float = field(default_factory=lambda: patience_in_seconds(os.environ.get(PATIENCE_VARIABLE)))
    first_pause: float = 0.2
    longest_pause: float = 5.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    spread: Callable[[float, float], float] = random.uniform
    notice: Callable[[str, float], None] = lambda _what, _seconds: None

    def pause(self, attempt: int) -> float:
        """The pause after attempt number `attempt` (from 1), in seconds."""
        ceiling = min(self.longest_pause, self.first_pause * 2.0 ** min(attempt - 1, 30))
        return self.spread(ceiling / 2, ceiling)


@dataclass(eq=False)
class GaveUp(Exception):
    """An attempt's failure that won't be followed by another attempt.

    Args:
        verdict: what is known about the last attempt.
        cause: what that attempt raised.
        attempts: how many there were.
        repeated: whether the outcome of an earlier attempt is unknown.
    """

    verdict: Verdict
    cause: Exception
    attempts: int
    repeated: bool


def keep_trying(
    send: Callable[[], T],
    judge: Callable[[Exception], Verdict | None],
    *,
    repeatable: bool,
    patience: Patience,
    ready: Callable[[], None] = lambda: None,
) -> T:
    """Call `send` until it succeeds or its failure may not, or no longer, be followed by another attempt.

    Args:
        send: one attempt.
        judge: says what an exception of `send` means; None for one that isn't about the attempt.
        repeatable: whether doing it twice is the same as doing it once. If not, it is repeated only after an
            attempt that was not carried out for certain.
        patience: for how long.
        ready: waits until an attempt may be made; that time is no trouble, and is not counted.

    Raises:
        GaveUp: with the last attempt's verdict and exception.
    """
    began = patience.clock()
    attempt = 0
    repeated = False
    while True:
        attempt += 1
        asked = patience.clock()
        ready()
        began += patience.clock() - asked
        try:
            return send()
        except Exception as error:
            verdict = judge(error)
            if verdict is None:
                raise
            may_repeat = verdict in {Verdict.REJECTED, Verdict.NOT_SENT} or (
                repeatable and verdict is not Verdict.FINAL
            )
            pause = patience.pause(attempt)
            share = patience.seconds * _SHARE_OF_PATIENCE.get(verdict, 0.0)
            ends = began + (min(share, _CONNECTING_IN_SECONDS) if verdict is Verdict.NOT_SENT else share)
            if not may_repeat or patience.clock() + pause > ends:
                raise GaveUp(verdict, error, attempt, repeated) from error
            repeated = repeated or verdict in {Verdict.UNKNOWN, Verdict.GARBLED}
            if patience.clock() - began > 1:
                patience.notice(_WAITING_FOR[verdict], ends - patience.clock())
        patience.sleep(pause)
