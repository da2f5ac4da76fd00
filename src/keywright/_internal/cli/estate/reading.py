"""Reading AWS into a snapshot, for every command that begins with that."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from keywright._internal.counting import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright._internal.cli.estate.progress import ScanProgress
    from keywright._internal.estate.estate_file import EstateFile
    from keywright._internal.estate.scan import AccountToScan, Scan
    from keywright._internal.lifecycle.waiting import Waits


def scan_options(
    regions: Iterable[str] = (),
    *,
    accounts: Iterable[str] = (),
    account_role: str | None = None,
    org: bool = False,
    targets: Path | None = None,
    last_use: bool = False,
    iam: bool = False,
) -> dict[str, Any]:
    """What a scan is to read, in the form that its snapshot keeps.

    Args:
        regions: all that are enabled where there are none.
        accounts: the caller's own where there are none, and neither `org` nor `targets`.
        account_role: the name of the role to assume in each account.
        org: every account of the caller's organization.
        targets: the accounts of the targets of this keys file.
        last_use: ask when each key was last used.
        iam: read roles, users and the organization too.
    """
    return {
        "regions": sorted(set(regions)),
        "account_role": account_role,
        "org": org,
        "accounts": sorted(set(accounts)),
        "last_use": last_use,
        "iam": iam,
        "targets": str(targets.resolve()) if targets else None,
    }


@contextmanager
def targets_read_now(targets: Path, regions: Iterable[str], profile: str | None) -> Iterator[Path]:
    """A snapshot of the accounts of a keys file's targets, with IAM; it goes with the command."""
    with tempfile.TemporaryDirectory(prefix="keywright-scan-") as folder:
        file, options = Path(folder) / "estate.db", scan_options(regions, targets=targets, iam=True)
        with snapshot(file, options, resume=False) as estate:
            read_into(estate, options, profile)
        yield file


def read_into(estate: EstateFile, options: dict[str, Any], profile: str | None, scheduler: str | None = None) -> None:
    """Read what the options of a scan say; with a scheduler, by the workers of its cluster."""
    from keywright._internal.aws import Cloud, Patience, Settings
    from keywright._internal.cli.estate.accounts import accounts_to_scan, targeted_accounts
    from keywright._internal.cli.estate.progress import ScanProgress
    from keywright._internal.estate.scan import Scan, ScanOptions
    from keywright._internal.lifecycle.waiting import Waits

    waits = Waits()
    progress = ScanProgress()
    regions = tuple(options["regions"])
    with _stoppable(waits, progress), progress:
        cloud = Cloud(Settings(profile), patience=Patience(sleep=waits.pause))
        if options.get("targets"):
            accounts, notes = targeted_accounts(Path(options["targets"]), cloud)
            for note in notes:
                typer.echo(f"note: {note}", err=True)
        else:
            caller = cloud.caller(region=regions[0] if regions else "us-east-1")
            estate.put_reader(caller.arn)
            accounts, closed = accounts_to_scan(
                cloud, caller, options["accounts"], options["account_role"], organization=options["org"]
            )
            for item in closed:
                estate.put_not_read(item)
        scan = Scan(cloud, estate, ScanOptions(regions, options["last_use"], options["iam"]), progress)
        if scheduler is None:
            scan.run(accounts)
        else:
            _scan_by_cluster(scheduler, scan, accounts, profile)


def _scan_by_cluster(scheduler: str, scan: Scan, accounts: Sequence[AccountToScan], profile: str | None) -> None:
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.fleet.distributed import cluster_workers
    from keywright._internal.fleet.scan_work import scan_by

    with cluster_workers(scheduler) as workers, Progress(things="accounts") as progress:
        progress.begin("reading", len(accounts))
        scan_by(workers, scan, accounts, profile, progress.advance)


@contextmanager
def _stoppable(waits: Waits, progress: ScanProgress) -> Iterator[None]:
    """Run what Ctrl-C may end at once: what has been read is in the file."""
    from keywright._internal.cli.keys.interruption import INTERRUPTED

    try:
        yield
    except KeyboardInterrupt:
        waits.stop.set()
        typer.echo(f"\nerror: interrupted after reading {counted(progress.said, 'key')}", err=True)
        typer.echo("  with --out, the same command with --resume goes on from there", err=True)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)


@contextmanager
def snapshot(out: Path | None, options: dict[str, Any], *, resume: bool) -> Iterator[EstateFile]:
    """The snapshot's file; where nobody wants to keep it, one that goes with the command."""
    from keywright._internal.estate.estate_file import EstateFile

    if out is not None:
        with EstateFile.resume(out, options) if resume else EstateFile.create(out, options) as estate:
            yield estate
        return
    with (
        tempfile.TemporaryDirectory(prefix="keywright-scan-") as folder,
        EstateFile.create(Path(folder) / "estate.db", options) as estate,
    ):
        yield estate
