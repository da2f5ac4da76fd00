"""Works on many keys at a time; a person can stop it, and then nothing new is begun."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from keywright._internal.lifecycle.waiting import Waits

T = TypeVar("T")
R = TypeVar("R")

WORKERS = 16
_GRACE_IN_SECONDS = 5.0
"""How long a stopped run waits for the calls that are under way."""


def on_each(items: Iterable[T], work: Callable[[T], R], waits: Waits | None = None) -> list[R]:
    """The results of `work`, in the items' order. `work` reports failures of one item in its result.

    Raises:
        KeyboardInterrupt: if a person stops it, once the calls under way have ended or a few seconds are over.
    """
    pool = ThreadPoolExecutor(WORKERS)
    futures: list[Future[R]] = []
    try:
        futures = [pool.submit(work, item) for item in items]
        return [future.result() for future in futures]
    except KeyboardInterrupt:
        if waits is not None:
            waits.stop.set()
        pool.shutdown(wait=False, cancel_futures=True)
        wait(futures, _GRACE_IN_SECONDS)
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


class Stages:
    """Work in several stages, each with workers of its own, where a piece of work may hand on more of it.

    So what comes later in a key's life never waits behind what comes first for all the others.

    Args:
        waits: stopped when a person stops the run.
    """

    def __init__(self, waits: Waits) -> None:
        self._waits = waits
        self._workers: dict[str, ThreadPoolExecutor] = defaultdict(lambda: ThreadPoolExecutor(WORKERS))
        self._unfinished = 0
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def add(self, stage: str, work: Callable[[], None]) -> None:
        """Have a piece of work done. `work` reports failures itself."""
        with self._changed:
            self._unfinished += 1
            self._workers[stage].submit(work).add_done_callback(self._finished)

    def _finished(self, future: Future[None]) -> None:
        with self._changed:
            self._unfinished -= 1
            self._error = self._error or (None if future.cancelled() else future.exception())
            self._changed.notify_all()

    def join(self) -> None:
        """Wait until all is done, with what was handed on.

        Raises:
            KeyboardInterrupt: if a person stops it, once the calls under way have ended or a few seconds are over.
        """
        try:
            with self._changed:
                self._changed.wait_for(lambda: not self._unfinished or self._error)
        except KeyboardInterrupt:
            self._waits.stop.set()
            self._shut_down()
            with self._changed:
                self._changed.wait_for(lambda: not self._unfinished, _GRACE_IN_SECONDS)
            raise
        finally:
            self._shut_down()
        if self._error is not None:
            raise self._error

    def _shut_down(self) -> None:
        with self._changed:  # work that is under way when a run fails may hand on more
            stages = tuple(self._workers.values())
        for workers in stages:
            workers.shutdown(wait=False, cancel_futures=True)
