"""Real Dask clusters on this machine."""

from __future__ import annotations

from typing import Any

from distributed import LocalCluster


def cluster_of(workers: int, environment: dict[str, str], **options: Any) -> LocalCluster:
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=":0",
        env=environment,
        memory_limit=0,
        **options,
    )
