"""Works on many keys at a time; a person can stop it, and then nothing new is begun."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from keywright._internal.lifecycle.waiting import Waits

T = TypeVar("T")
R = TypeVar("R")

WORKERS = 16
CHANGING_WORKERS = 48
"""Of runs in which most of them wait for one of several request quotas, or for AWS to show a change."""

_GRACE_IN_SECONDS = 5.0
"""How long a stopped run waits for the calls that are under way."""


def on_each(
    items: Iterable[T],
    work: Callable[[T], R],
    waits: Waits | None = None,
    *,
    workers: int = WORKERS,
    meanwhile: Callable[[], None] | None = None,
    interrupted: Callable[[], None] | None = None,
) -> list[R]:
    """The results of `work`, in the items' order. `work` reports failures of one item in its result.

    Args:
        items: what is worked on.
        work: done for each.
        waits: how to be stopped.
        workers: how many at a time.
        meanwhile: done by the caller, who would only wait.
        interrupted: done first when a person stops it: ends what others have begun for this work.

    Raises:
        KeyboardInterrupt: if a person stops it, once the calls under way have ended or a few seconds are over.
    """
    pool = (ThreadPoolExecutor if waits is None else waits.pool)(workers)
    futures: list[Future[R]] = []
    try:
        futures = [pool.submit(work, item) for item in items]
        if meanwhile is not None:
            meanwhile()
        return [future.result() for future in futures]
    except KeyboardInterrupt:
        if waits is not None:
            waits.stop.set()
        if interrupted is not None:
            interrupted()
        pool.shutdown(wait=False, cancel_futures=True)
        wait([item for item in futures if not item.cancelled()], _GRACE_IN_SECONDS)  # which counts these as unfinished
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def both(one: Callable[[], T], other: Callable[[], R]) -> tuple[T, R]:
    """What two calls return that wait for different things.

    Raises:
        Exception: what either of them raises; nobody waits for the other then.
    """
    pool = ThreadPoolExecutor(1)
    try:
        beside = pool.submit(other)
        return one(), beside.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class Stages:
    """Work in several stages, each with workers of its own, where a piece of work may hand on more of it.

    So what comes later in a key's life never waits behind what comes first for all the others, and what one of AWS's
    quotas holds up doesn't hold up what draws on another.

    Args:
        waits: stopped when a person stops the run.
    """

    def __init__(self, waits: Waits) -> None:
        self._waits = waits
        self._workers: dict[Hashable, Executor] = {}
        self._unfinished: set[Future[None]] = set()
        self._lock = threading.Lock()

    def add(self, stage: Hashable, work: Callable[[], None]) -> None:
        """Have a piece of work done. `work` reports failures itself."""
        with self._lock:
            workers = self._workers.get(stage)
            if workers is None:
                workers = self._workers[stage] = self._waits.pool(WORKERS)
            future = workers.submit(work)
            self._unfinished.add(future)
        future.add_done_callback(self._finished)

    def _finished(self, future: Future[None]) -> None:
        if future.cancelled() or future.exception() is None:
            with self._lock:
                self._unfinished.discard(future)

    def join(self) -> None:
        """Wait until all is done, with what was handed on.

        Raises:
            KeyboardInterrupt: if a person stops it, once the calls under way have ended or a few seconds are over.
        """
        try:
            while (future := self._one_unfinished()) is not None:
                future.result()
        except KeyboardInterrupt:
            self._waits.stop.set()
            wait(self._shut_down(), _GRACE_IN_SECONDS)
            raise
        finally:
            self._shut_down()

    def _one_unfinished(self) -> Future[None] | None:
        with self._lock:
            return next(iter(self._unfinished), None)

    def _shut_down(self) -> tuple[Future[None], ...]:
        """Begin nothing new; what is under way."""
        with self._lock:  # work that is under way when a run fails may hand on more
            stages = tuple(self._workers.values())
        for workers in stages:
            workers.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            return tuple(self._unfinished)
