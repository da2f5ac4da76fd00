"""Accounts of the sandbox that authorizes requests; each test has one of its own."""

from __future__ import annotations

import pytest

from keywright._internal.sandbox import Sandbox
from real_callers import Account


@pytest.fixture
def home(enforcing: Sandbox, account: str) -> Account:
    """An account of this test's own."""
    return Account(enforcing.endpoint_url, account)
