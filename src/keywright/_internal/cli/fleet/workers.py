"""Who carries out the tasks of a command: this machine, or the cluster that `--scheduler` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from keywright._internal.fleet.executors import Workers


def check_scheduler_option(scheduler: str | None) -> None:
    """Refuse a cluster that can't be used, before anything is read.

    Raises:
        UsageError: it is no address of a scheduler.
        ExtraMissing: Dask isn't installed.
        ClusterUnusable: nobody listens there.
    """
    if scheduler is not None:
        from keywright._internal.fleet.distributed import check_scheduler

        check_scheduler(scheduler)


def workers_for(
    scheduler: str | None, local: Callable[[], AbstractContextManager[Workers]]
) -> AbstractContextManager[Workers]:
    """The workers of the cluster; without one, those of this machine.

    Raises:
        ClusterUnusable: the cluster can't be used.
    """
    if scheduler is None:
        return local()
    from keywright._internal.fleet.distributed import cluster_workers

    return cluster_workers(scheduler)
