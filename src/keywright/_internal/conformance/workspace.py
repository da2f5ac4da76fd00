"""What all gates share: the module, the engines with their provider, a folder to work in, and the embedded AWS."""

from __future__ import annotations

import itertools
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from keywright._internal.conformance.module import Module
from keywright._internal.conformance.provider import ProviderSource, mirror_of_environment
from keywright._internal.extras import install_command
from keywright._internal.sandbox import Sandbox
from keywright._internal.terraform.engine import Engine, engines

Live = Literal["sandbox", "aws"]
_T = TypeVar("_T")

NO_ENGINE = f"no engine is on this machine: {install_command('conform')}, or put `terraform` or `tofu` on PATH"

NOBODY = {
    "AWS_ACCESS_KEY_ID": "111122223333",
    "AWS_SECRET_ACCESS_KEY": "nobody",
    "AWS_REGION": "us-east-1",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""For gates that need no AWS: nothing that a module does in them may reach one."""


@dataclass(slots=True)
class Bench:
    """One run's working place. Safe to use from many threads."""

    module: Module
    engines: tuple[Engine, ...]
    providers: ProviderSource
    workspace: Path
    live: Live = "sandbox"
    _sandbox: Sandbox | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _locks: dict[str, threading.Lock] = field(default_factory=dict)
    _made: dict[str, Any] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def copy(self, purpose: str) -> Path:
        """The module's files in a folder of their own, for one engine to leave its traces in."""
        folder = self.workspace / f"{re.sub(r'[^a-z0-9.]+', '-', purpose.lower())}-{next(self._numbers)}" / "module"
        self.module.tree.write(folder)
        return folder

    def sandbox(self) -> Sandbox:
        """The embedded AWS, started by the first gate that needs it; it authorizes each call to KMS."""
        with self._lock:
            if self._sandbox is None:
                self._sandbox = Sandbox(enforce=True).start()
            return self._sandbox

    def once(self, name: str, make: Callable[[], _T]) -> _T:
        """What several gates need and one of them makes, by its name."""
        with self._lock:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self._made:
                self._made[name] = make()
            found: _T = self._made[name]
            return found

    def close(self) -> None:
        """Stop the embedded AWS."""
        if self._sandbox is not None:
            self._sandbox.stop()


@contextmanager
def working_place(module: Module, *, live: Live = "sandbox") -> Iterator[Bench]:
    """A bench on this machine's engines that leaves nothing behind.

    Raises:
        InputError: `KEYWRIGHT_AWS_PROVIDER` names no folder.
    """
    with tempfile.TemporaryDirectory(prefix="keywright-conform-", ignore_cleanup_errors=True) as folder:
        workspace = Path(folder).resolve()
        bench = Bench(module, engines(), ProviderSource(workspace, mirror_of_environment()), workspace, live)
        try:
            yield bench
        finally:
            bench.close()
