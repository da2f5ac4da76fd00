"""One cluster for all tests of the fleet: it takes seconds to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from dask_clusters import cluster_of
from distributed import LocalCluster

from keywright._internal.lifecycle.waiting import RACE_WINDOW_VARIABLE
from keywright._internal.sandbox import Sandbox


@pytest.fixture(scope="session")
def environment(sandbox: Sandbox) -> dict[str, str]:
    """What the workers enter accounts with; the command has another identity."""
    return {**sandbox.environment(), RACE_WINDOW_VARIABLE: "0", "AWS_ACCESS_KEY_ID": "555566667777"}


@pytest.fixture(scope="session")
def cluster(environment: dict[str, str]) -> Iterator[LocalCluster]:
    with cluster_of(2, environment) as running:
        yield running
