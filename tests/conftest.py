"""The embedded AWS that the tests of one process share, and accounts in it that nothing else uses."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest

from keywright.sandbox import Sandbox

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def account() -> str:
    """An account of the sandbox, empty, for this test alone."""
    return f"{os.getpid() % 10**6:06d}{next(_numbers):06d}"
