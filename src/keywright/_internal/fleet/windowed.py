"""Carries out tasks with an executor, handing out no more of them than it works on: the rest can be left out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Final, TypeVar

from keywright._internal.fleet.executors import Workers
from keywright.errors import KeywrightError

T = TypeVar("T")
R = TypeVar("R")

_AGAIN = "run the same command again: it goes on from there"
_AHEAD: Final = 4
"""Results in their order wait for the slowest: so many times the tasks under way are begun meanwhile, and no more."""


def carried_out(
    workers: Workers, work: Callable[[T], R], tasks: Iterable[T], stopped: Callable[[], bool]
) -> Iterator[tuple[T, R | KeywrightError]]:
    """Each task with its result as it comes, or with the reason why it has none.

    Args:
        workers: carry out the tasks, which are accounts.
        work: does one of them; a function of a module, which other processes import.
        tasks: what to do.
        stopped: whether nothing else is to be begun. What is under way comes to its end.
    """
    waiting = iter(tasks)
    running: dict[Future[R], T] = {}
    try:
        while True:
            if not stopped():
                for task in islice(waiting, workers.at_once - len(running)):
                    running[_begun(workers, work, task)] = task
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                failure = _failure(future, "this account")
                yield running.pop(future), future.result() if failure is None else failure
    finally:
        _cancel(running)


def in_order(workers: Workers, work: Callable[[T], R], tasks: Iterable[T], things: str) -> Iterator[tuple[T, R]]:
    """Each task with its result, in the tasks' order. Only a few wait for an earlier one, so many take little memory.

    Args:
        workers: carry out the tasks.
        work: does one of them; a function of a module, which other processes import.
        tasks: what to do; taken one after the other, as there is room.
        things: what a task is about, for messages.

    Raises:
        KeywrightError: a task has no result. Tasks that have not begun are cancelled.
    """
    begun: deque[tuple[T, Future[R]]] = deque()
    waiting = iter(tasks)
    try:
        while True:
            for task in islice(waiting, workers.at_once * _AHEAD - len(begun)):
                begun.append((task, _begun(workers, work, task, things)))
            if not begun:
                return
            task, future = begun.popleft()
            failure = _failure(future, things)
            if failure is not None:
                raise failure
            yield task, future.result()
    finally:
        _cancel(future for _, future in begun)


def _cancel(futures: Iterable[Future[R]]) -> None:
    """Take back what nobody waits for any more; an executor ends what it has begun."""
    for future in futures:
        future.cancel()


def _begun(workers: Workers, work: Callable[[T], R], task: T, things: str = "this account") -> Future[R]:
    """The task under way; failed at once where nobody takes it: a pool is broken by the first worker that is killed."""
    try:
        return workers.executor.submit(work, task)
    except Exception as error:  # noqa: BLE001 - each executor has its own: BrokenProcessPool, a closed client's
        failed: Future[R] = Future()
        failed.set_exception(KeywrightError(f"no worker takes {things} any more: {_one_line(error)}", _AGAIN))
        return failed


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _failure(future: Future[R], things: str) -> KeywrightError | None:
    """Why a task has no result; None where it has one."""
    try:
        future.result()
    except (CancelledError, BrokenProcessPool):
        return KeywrightError(f"the worker that had {things} is gone", _AGAIN)
    except KeywrightError as error:
        return error
    except Exception as error:  # noqa: BLE001 - a defect, or an executor's own trouble: of this task alone
        failure = KeywrightError(f"the work on {things} ended with {type(error).__name__}: {_one_line(error)}", _AGAIN)
        failure.__cause__ = error
        return failure
    return None
