"""Scanning an account as a task for another machine: it answers a snapshot of the one account."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

from keywright._internal.aws import Cloud, Settings
from keywright._internal.estate.estate_file import EstateFile
from keywright._internal.estate.scan import AccountToScan, Scan, ScanOptions
from keywright._internal.estate.snapshot import NotRead
from keywright._internal.facts.offerings import home_region
from keywright._internal.fleet.executors import Workers
from keywright._internal.fleet.versions import check_version, own_version
from keywright._internal.fleet.windowed import carried_out
from keywright.errors import KeywrightError


@dataclass(frozen=True, slots=True)
class ScanTask:
    """An account to scan, without the credentials for it.

    Args:
        account: the account, and the role that reaches it.
        options: what is read.
        profile: an AWS profile of the machine that does it.
        run: which scan it is part of.
        version: the version of Keywright that made the task.
    """

    account: AccountToScan
    options: ScanOptions
    profile: str | None
    run: str
    version: str = field(default_factory=own_version)


@dataclass(frozen=True, slots=True)
class ScannedAccount:
    """What was read.

    Args:
        file: a snapshot's file with this account alone.
        process: which process has read it.
        calls: that the process has made in this run so far, by operation.
    """

    file: bytes
    process: str
    calls: dict[str, int]


class _Unheard:
    def keys_found(self, count: int) -> None:
        pass

    def key_read(self) -> None:
        pass


def scan_account(task: ScanTask) -> ScannedAccount:
    """Read one account.

    Raises:
        KeywrightError: this is another version of Keywright, or its credentials are of another account.
    """
    check_version(task.version)
    cloud = _cloud(task.profile, task.run)
    if task.account.role_arn is None:
        _check_own(cloud, task.account)
    with tempfile.TemporaryDirectory(prefix="keywright-scan-") as folder:
        path = Path(folder) / "estate.db"
        with EstateFile.create(path, {}) as file:
            Scan(cloud, file, task.options, _Unheard()).read([task.account])
        return ScannedAccount(path.read_bytes(), _PROCESS, dict(cloud.calls))


def _check_own(cloud: Cloud, account: AccountToScan) -> None:
    """Refuse to read with our own credentials, where they aren't of the account that the keys would be filed under."""
    own = cloud.caller(region=home_region(account.partition)).account
    if own != account.account:
        raise KeywrightError(
            f"the worker's own credentials are of {own}, not {account.account}",
            f"give the workers credentials of {account.account}, or read it without --scheduler",
        )


@lru_cache(maxsize=2)
def _cloud(profile: str | None, _run: str) -> Cloud:
    """AWS, for all tasks of a run in this process: clients are made once, and calls counted from nothing."""
    return Cloud(Settings(profile))


_PROCESS = uuid4().hex


def scan_by(
    workers: Workers,
    scan: Scan,
    accounts: Iterable[AccountToScan],
    profile: str | None,
    heard: Callable[[], None],
) -> None:
    """Scan accounts by other processes; each is in the snapshot, whole, as soon as it is read.

    Args:
        workers: read them.
        scan: says what is read, and into which file.
        accounts: the accounts; those that an earlier run has read are left out.
        profile: an AWS profile of the workers.
        heard: told of each account that is through.
    """
    run, todo = uuid4().hex, [item for item in accounts if not scan.file.is_done(item.account)]
    tasks = (ScanTask(item, scan.options, profile, run) for item in todo)
    calls: dict[str, Counter[str]] = {}
    for task, found in carried_out(workers, scan_account, tasks, lambda: False):
        if isinstance(found, KeywrightError):
            scan.file.put_not_read(NotRead(task.account.account, "", "", "scan", found.message))
        else:
            scan.file.absorb(found.file)
            calls[found.process] = calls.get(found.process, Counter()) | Counter(found.calls)
        heard()
    scan.finish(todo, sum(calls.values(), Counter(scan.cloud.calls)))
