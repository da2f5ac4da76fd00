"""A faulting proxy before the sandbox, and `keywright` pointed at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from faulting_proxy import FaultingProxy

from command_line import CommandLine, Keywright
from keywright._internal.sandbox import Sandbox


@pytest.fixture
def proxy(sandbox: Sandbox) -> Iterator[FaultingProxy]:
    with FaultingProxy(sandbox.endpoint_url) as running:
        yield running


@pytest.fixture
def keywright(command_line: CommandLine, proxy: FaultingProxy, account: str, tmp_path: Path) -> Keywright:
    """`keywright` on this test's account, through the proxy."""
    return Keywright(command_line, {"AWS_ENDPOINT_URL": proxy.endpoint_url, "AWS_ACCESS_KEY_ID": account}, tmp_path)
