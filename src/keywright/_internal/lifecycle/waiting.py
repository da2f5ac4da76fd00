"""Waiting for AWS, and ending a wait for one of three reasons that are told apart.

Not visible yet: AWS has taken the change and doesn't show it (`NotVisibleYet`). Forbidden: the caller may not look
(`aws.AccessDenied`, never waited for). Will never match: AWS shows something that is neither the old
state nor the new one (`NeverMatches`).

https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ClassVar, TypeVar

from keywright._internal.aws import Disabled, InvalidState, NotFound, Patience
from keywright.errors import InputError, KeywrightError

T = TypeVar("T")

RACE_WINDOW_VARIABLE = "KEYWRIGHT_RACE_WINDOW"
"""Environment variable with the seconds of `Waits.race_window`. Fewer than the default is for tests without races."""

_PAUSE = 0.25
_LONGEST_PAUSE = 2.0


@dataclass(eq=False)
class NotVisibleYet(KeywrightError):
    """AWS accepted a change and does not show it yet.

    Run the same command again; `KEYWRIGHT_AWS_PATIENCE` sets for how many seconds Keywright waits.
    """

    id: ClassVar[str] = "not-visible-yet"


@dataclass(eq=False)
class NeverMatches(KeywrightError):
    """AWS shows something else than what was written.

    Somebody else changes the same keys, or AWS rewrote the change. Plan again and look at what it shows.
    """

    id: ClassVar[str] = "never-matches"


@dataclass(eq=False)
class Interrupted(KeywrightError):
    """The command was interrupted.

    A call that was under way may have been carried out. Run the same command again: it reads AWS first and goes on from
    there.
    """

    id: ClassVar[str] = "interrupted"


@dataclass(frozen=True, slots=True)
class Waits:
    """How long to wait, and how to be stopped.

    Args:
        seconds: the longest wait for a change to be seen.
        stop: set to end every wait.
        clock: seconds that never go back.
        race_window: the seconds after which two keys that were made at the same time can be put in order.
        notice: told of every wait of more than a second: what is waited for, and for how many seconds more at most.
        pool: makes so many workers, who may all be waiting.
    """

    seconds: float = field(default_factory=lambda: Patience().seconds)
    stop: threading.Event = field(default_factory=threading.Event)
    clock: Callable[[], float] = time.monotonic
    race_window: float = field(default_factory=lambda: _seconds_in(RACE_WINDOW_VARIABLE, 1.05))
    notice: Callable[[str, float], None] = lambda _what, _seconds: None
    pool: Callable[[int], Executor] = ThreadPoolExecutor

    def pause(self, seconds: float) -> None:
        """Wait that long.

        Raises:
            Interrupted: if a person stops the run.
        """
        if self.stop.wait(seconds):
            raise Interrupted("stopped")

    def check(self) -> None:
        """Raise Interrupted if a person has stopped the run."""
        if self.stop.is_set():
            raise Interrupted("stopped")

    def until(self, look: Callable[[], T | None], seconds: float | None = None, *, what: str) -> T | None:
        """What `look` finds, looking again and again; None if it finds nothing in the time.

        Args:
            look: looks once; None means that it found nothing.
            seconds: for how long; by default for as long as for every change.
            what: what is waited for, for people.
        """
        begins = self.clock()
        ends = begins + (self.seconds if seconds is None else seconds)
        pause = _PAUSE
        while True:
            found = look()
            if found is not None:
                return found
            if self.clock() + pause > ends:
                return None
            self.tell(what, begins, ends)
            self.pause(pause)
            pause = min(_LONGEST_PAUSE, pause * 1.5)

    def tell(self, what: str, begins: float, ends: float) -> None:
        """Say what is waited for, if the wait has taken more than a second."""
        now = self.clock()
        if now - begins > 1:
            self.notice(what, ends - now)

    def visible(self, call: Callable[[], T], *, after: str = "") -> T:
        """Make a call on something that exists, again while AWS doesn't see that yet.

        Args:
            call: the call.
            after: a state that the thing has just left by our doing, in AWS's words: its traces are waited out too.

        Raises:
            NotVisibleYet: if AWS doesn't see it after all our patience.
            KeywrightError: any other failure of the call, at once.
        """
        begins = self.clock()
        ends = begins + self.seconds
        pause = _PAUSE
        while True:
            self.check()
            try:
                return call()
            except (NotFound, InvalidState, Disabled) as error:
                state = error.state if isinstance(error, InvalidState) else ""
                state = "disabled" if isinstance(error, Disabled) else state
                passing = isinstance(error, NotFound) or state in {"creating", "updating"} or (after and state == after)
                if not passing:
                    raise
                if self.clock() + pause > ends:
                    raise NotVisibleYet(
                        f"AWS doesn't see it yet after {self.seconds:.0f} seconds: {error.message}",
                        "run the same command again in a minute",
                    ) from error
                self.tell(f"AWS to show {error.key or 'a change'}", begins, ends)
            self.pause(pause)
            pause = min(_LONGEST_PAUSE, pause * 1.5)


def _seconds_in(variable: str, default: float) -> float:
    """What an environment variable says, or the default where it says nothing.

    Raises:
        InputError: it isn't a number of seconds.
    """
    text = os.environ.get(variable)
    if not text:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise InputError(f"{variable} is `{text}`", "write a number of seconds, or unset it")
    return seconds
