"""A Dask cluster on this machine for a benchmark, which tells the processor time of its workers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cluster:
    """The workers.

    Args:
        options: that have a command use them; none where there are no workers.
        client: asks the workers; None where there are none.
        began: the processor time that they had used when they were started.
    """

    options: tuple[str, ...] = ()
    client: Any = None
    began: float = 0

    def processor_seconds(self) -> float:
        """Of all workers; what starting them took is no part of it, and what they import for their tasks is."""
        return _used(self.client) - self.began if self.client is not None else 0.0


def _used(client: Any) -> float:
    return float(sum(client.run(time.process_time).values()))


@contextmanager
def dask_workers(count: int, environment: Mapping[str, str]) -> Iterator[Cluster]:
    """So many worker processes of one thread each; nothing for none."""
    if not count:
        yield Cluster()
        return
    from distributed import Client, LocalCluster  # noqa: PLC0415 - an extra, wanted with workers alone

    with (
        LocalCluster(  # type: ignore[no-untyped-call] # Dask types none of its calls
            n_workers=count,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=":0",
            env=dict(environment),
            memory_limit=0,
        ) as running,
        Client(running.scheduler_address, set_as_default=False) as client,  # type: ignore[no-untyped-call]
    ):
        yield Cluster(("--scheduler", running.scheduler_address), client, _used(client))
