"""Workers on other machines: a Dask cluster, behind the interface of `concurrent.futures`.

How it is reached by TLS is Dask's own configuration: https://distributed.dask.org/en/stable/tls.html
"""

from __future__ import annotations

import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from keywright._internal.extras import require_extra
from keywright._internal.fleet.executors import Workers
from keywright.errors import KeywrightError, UsageError

_PATIENCE: Final = 10
"""Seconds for which the scheduler is awaited."""
_PORT: Final = 8786
"""Of a Dask scheduler where none is named."""
_SCHEMES: Final = ("tcp://", "tls://")


@dataclass(eq=False)
class ClusterUnusable(KeywrightError):
    """The Dask cluster can't be used.

    The scheduler doesn't answer, its certificate isn't trusted, it has no workers, or its workers have another version
    of Keywright or Python. Nothing was begun.
    """

    id: ClassVar[str] = "cluster-unusable"


def check_scheduler(address: str) -> None:
    """Refuse what is no address of a scheduler, and a machine that can't speak to one, before anything is read.

    Raises:
        UsageError: it is no address.
        ExtraMissing: Dask isn't installed.
        ClusterUnusable: nobody listens there.
    """
    if not address.startswith(_SCHEMES):
        raise UsageError(f"`{address}` is not the address of a scheduler", "write for example tls://scheduler:8786")
    require_extra("distributed", "`--scheduler`")
    parts = urlsplit(address)
    try:
        # Dask itself tries again and again before it says that nobody is there.
        with socket.create_connection((parts.hostname or "", parts.port or _PORT), timeout=_PATIENCE):
            pass
    except (OSError, ValueError) as error:
        raise _unreachable(address, error) from error


@contextmanager
def cluster_workers(address: str) -> Iterator[Workers]:
    """The workers of a cluster, each of which enters accounts with its own credentials.

    Raises:
        ClusterUnusable: see there.
    """
    distributed: Any = import_module("distributed")  # an extra, heavy, and without types of its calls
    for name in ("distributed", "distributed.client", "distributed.core", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is said once, by us
    try:
        client = distributed.Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, TypeError, ValueError) as error:
        raise _unreachable(address, error) from error
    with client:
        _check_versions(client, address)
        threads = sum(client.nthreads().values())
        executor = client.get_executor(pure=False)
        try:
            yield Workers(executor, max(1, threads), elsewhere=True)
        finally:
            executor.shutdown(wait=False)


def _unreachable(address: str, error: Exception) -> ClusterUnusable:
    return ClusterUnusable(
        f"the scheduler `{address}` can't be reached: {_root(error)}",
        "start one with `dask scheduler`; with tls://, set Dask's distributed.comm.tls certificates",
    )


def _root(error: BaseException) -> str:
    """What lies behind an error of Dask's, in one line."""
    said = [str(error)]
    while error.__cause__ is not None:
        error = error.__cause__
        said.append(str(error))
    return next((" ".join(text.split()) for text in reversed(said) if text), "it doesn't answer")


def worker_versions() -> dict[str, str]:
    """What a worker runs."""
    try:
        own = version("keywright")
    except PackageNotFoundError:
        own = "none"
    return {"Keywright": own, "Python": ".".join(map(str, sys.version_info[:2]))}


def _check_versions(client: Any, address: str) -> None:
    try:
        found: dict[str, dict[str, str]] = client.run(worker_versions)
    except ModuleNotFoundError as error:
        raise ClusterUnusable(
            f"a worker of `{address}` can't import `{error.name}`", "install the same Keywright on every worker"
        ) from error
    if not found:
        raise ClusterUnusable(f"the scheduler `{address}` has no workers", f"start some with `dask worker {address}`")
    own = worker_versions()
    for worker, versions in found.items():
        for program, number in own.items():
            if versions[program] != number:
                raise ClusterUnusable(
                    f"the worker {worker} has {program} {versions[program]}, and this machine {number}",
                    "install the same version on both",
                )
