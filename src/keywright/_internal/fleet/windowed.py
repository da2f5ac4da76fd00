"""Carries out tasks with an executor, handing out no more of them than it works on: the rest can be left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from keywright._internal.fleet.executors import Workers
from keywright.errors import KeywrightError

T = TypeVar("T")
R = TypeVar("R")

_AGAIN = "run the same command again: it goes on from there"


def carried_out(
    workers: Workers, work: Callable[[T], R], tasks: Iterable[T], stopped: Callable[[], bool]
) -> Iterator[tuple[T, R | KeywrightError]]:
    """Each task with its result as it comes, or with the reason why it has none.

    Args:
        workers: carry out the tasks.
        work: does one of them; a function of a module, which other processes import.
        tasks: what to do.
        stopped: whether nothing else is to be begun. What is under way comes to its end.
    """
    waiting = iter(tasks)
    running: dict[Future[R], T] = {}
    while True:
        if not stopped():
            for task in islice(waiting, workers.at_once - len(running)):
                running[_begun(workers, work, task)] = task
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            failure = _failure(future)
            yield running.pop(future), future.result() if failure is None else failure


def _begun(workers: Workers, work: Callable[[T], R], task: T) -> Future[R]:
    """The task under way; failed at once where nobody takes it: a pool is broken by the first worker that is killed."""
    try:
        return workers.executor.submit(work, task)
    except Exception as error:  # noqa: BLE001 - each executor has its own: BrokenProcessPool, a closed client's
        failed: Future[R] = Future()
        failed.set_exception(KeywrightError(f"no worker takes this account any more: {_one_line(error)}", _AGAIN))
        return failed


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _failure(future: Future[R]) -> KeywrightError | None:
    """Why a task has no result; None where it has one."""
    try:
        future.result()
    except (CancelledError, BrokenProcessPool):
        return KeywrightError("the worker that had this account is gone", _AGAIN)
    except KeywrightError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a defect, or an executor's own trouble: of this task alone
        message = f"the work on this account ended with {type(error).__name__}: {_one_line(error)}"
        return KeywrightError(message, _AGAIN)
    return None
