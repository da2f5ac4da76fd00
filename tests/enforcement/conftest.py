"""Accounts of the sandbox that authorizes requests; each test has one of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from keywright._internal.sandbox import Sandbox
from real_callers import Account

sys.path.insert(0, str(Path(__file__).parents[1] / "access"))  # for `organizations`


@pytest.fixture
def home(enforcing: Sandbox, account: str) -> Account:
    """An account of this test's own."""
    return Account(enforcing.endpoint_url, account)
