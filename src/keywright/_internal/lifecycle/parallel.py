"""Works on many keys at a time; a person can stop it, and then nothing new is begun."""

from __future__ import annotations

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
