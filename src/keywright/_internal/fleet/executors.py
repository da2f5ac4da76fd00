"""What carries out the tasks of a run on this machine; `distributed.py` is for more than one."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

ACCOUNTS_AT_ONCE: Final = 8
"""Mostly they wait for AWS, whose quotas are each account's own."""
_PROCESSES_FROM: Final = 32
"""So many accounts take longer than processes take to start."""


ALLOCATIONS: Final = 100_000
"""After so many new objects Python looks for unreachable ones, in place of 700: else a sixth of the time."""


@dataclass(frozen=True, slots=True)
class Workers:
    """Carry out tasks.

    Args:
        executor: takes the tasks.
        at_once: how many it works on at a time.
        elsewhere: whether they go on with what they have begun when the command has ended.
    """

    executor: Executor
    at_once: int
    elsewhere: bool = False


@contextmanager
def local_workers(tasks: int) -> Iterator[Workers]:
    """Threads of this process; for many accounts processes, so that more than one processor works on them."""
    at_once = min(ACCOUNTS_AT_ONCE, max(1, tasks))
    executor = (
        _processes(at_once, _FOR_ACCOUNTS)
        if tasks >= _PROCESSES_FROM and _processors() > 1
        else ThreadPoolExecutor(at_once)
    )
    with executor:
        yield Workers(executor, at_once)


@contextmanager
def local_processors(*, worth_it: bool) -> Iterator[Workers]:
    """A process for each processor, for work that waits for nobody.

    Args:
        worth_it: whether the work takes longer than processes take to start. Else this process does it.
    """
    count = _processors()
    if not worth_it or count == 1:
        yield Workers(_ThisProcess(), 1)
        return
    with _processes(count, _FOR_KEYS) as executor:
        yield Workers(executor, count)


class _ThisProcess(Executor):
    """Does each task when it is handed in."""

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        future: Future[R] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as any executor: it is raised where the result is asked for
            future.set_exception(error)
        return future


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_FOR_ACCOUNTS: Final = ("keywright._internal.fleet.account_work", "botocore.session")
_FOR_KEYS: Final = (
    "keywright._internal.fleet.who_can_work",
    "keywright._internal.fleet.proof_work",
    "keywright._internal.proof.claims.declared",
    "keywright._internal.proof.findings.search",
)
"""What processes for such work import once, before there is more than one of them."""


def _processes(count: int, imports: tuple[str, ...]) -> ProcessPoolExecutor:
    ways = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in ways else "spawn")
    if "forkserver" in ways:
        context.set_forkserver_preload(list(imports))
    return ProcessPoolExecutor(count, context, _begin)


def _begin() -> None:
    """Set up a process of this machine, as the command's own is."""
    gc.set_threshold(ALLOCATIONS)
    _follow_the_command()


def _follow_the_command() -> None:
    """Leave Ctrl-C to the process that handed out the work, and end with it.

    Ctrl-C reaches every process of a terminal; that one lets the work come to its end, or ends at once. Then nothing
    else is to be changed on AWS, and a pool's processes by themselves would go on with the tasks they have.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_command, daemon=True).start()


def _end_with_the_command() -> None:
    command = multiprocessing.parent_process()
    if command is not None:
        wait([command.sentinel])
        os._exit(1)
