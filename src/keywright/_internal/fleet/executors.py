"""What carries out the tasks of a run on this machine; `distributed.py` is for more than one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Final

ACCOUNTS_AT_ONCE: Final = 8
"""Mostly they wait for AWS, whose quotas are each account's own."""
_PROCESSES_FROM: Final = 32
"""So many accounts take longer than processes take to start."""


@dataclass(frozen=True, slots=True)
class Workers:
    """An executor, and how many tasks it works on at a time."""

    executor: Executor
    at_once: int


@contextmanager
def local_workers(tasks: int) -> Iterator[Workers]:
    """Threads of this process; for many accounts processes, so that more than one processor works on them."""
    at_once = min(ACCOUNTS_AT_ONCE, max(1, tasks))
    executor = _processes(at_once) if tasks >= _PROCESSES_FROM and _processors() > 1 else ThreadPoolExecutor(at_once)
    with executor:
        yield Workers(executor, at_once)


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processes(count: int) -> ProcessPoolExecutor:
    ways = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in ways else "spawn")
    if "forkserver" in ways:
        context.set_forkserver_preload(["keywright._internal.fleet.account_work", "botocore.session"])
    return ProcessPoolExecutor(count, context, _follow_the_command)


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
