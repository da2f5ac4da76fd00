"""What carries out the tasks of a run on this machine; `distributed.py` is for more than one."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
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
    return ProcessPoolExecutor(count, context, _ignore_ctrl_c)


def _ignore_ctrl_c() -> None:
    """Ctrl-C reaches every process of a terminal; the one that handed out the work lets it come to its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
