"""`keywright scan`."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright._internal.cli.estate.options import (
    AsJson,
    AsSarif,
    Html,
    Pedantic,
    Regions,
    TrustedAccounts,
    TrustedOrganisations,
)
from keywright._internal.cli.keys.options import Profile
from keywright._internal.counting import counted
from keywright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright._internal.cli.estate.progress import ScanProgress
    from keywright._internal.estate.estate_file import EstateFile
    from keywright._internal.lifecycle.waiting import Waits


def scan(  # noqa: PLR0917 - an option each
    region: Regions = None,
    account_role: Annotated[
        str | None, typer.Option(help="The name of the role to assume in each account.", show_default=False)
    ] = None,
    org: Annotated[bool, typer.Option("--org", help="Every account of the caller's organization.")] = False,
    account: Annotated[
        list[str] | None, typer.Option(help="An account to read. May be repeated.", show_default=False)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Keep the snapshot in this file.", show_default=False)] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the snapshot of --out, and try again what failed.")
    ] = False,
    last_use: Annotated[
        bool, typer.Option("--last-use", help="Ask when each key was last used; AWS answers five a second.")
    ] = False,
    trusted_account: TrustedAccounts = None,
    trusted_org: TrustedOrganisations = None,
    pedantic: Pedantic = False,
    profile: Profile = None,
    as_json: AsJson = False,
    sarif: AsSarif = False,
    html: Html = None,
) -> None:
    """Read every customer-managed key of an account, or of many, and say what is wrong with them. Changes nothing.

    Exit code 0: nothing was found. 1: a finding of medium severity or above, or a refuted claim. 2: something could
    not be read; it is named, and the rest is shown all the same.
    """
    from keywright._internal.assessment.assess import Assessor, Trusted
    from keywright._internal.cli.estate.accounts import check_accounts
    from keywright._internal.cli.estate.output import Wanted, check_trusted, finish

    wanted = Wanted(as_json, sarif, html, pedantic)
    wanted.check()
    check_accounts(account or (), account_role, organization=org)
    check_trusted(trusted_account or (), trusted_org or ())
    _check_regions(region or ())
    if resume and out is None:
        raise UsageError("`--resume` needs the file to go on with", "name it with --out")
    options: dict[str, Any] = {
        "regions": sorted(set(region or ())),
        "account_role": account_role,
        "org": org,
        "accounts": sorted(set(account or ())),
        "last_use": last_use,
    }
    with _snapshot(out, options, resume=resume) as estate:
        _read(estate, options, profile)
        known = {item.account for item in estate.accounts()} if org and trusted_org else set()
        trusted = Trusted(frozenset((*(trusted_account or ()), *known)), frozenset(trusted_org or ()))
        finish(estate, Assessor(estate, trusted), wanted)


def _read(estate: EstateFile, options: dict[str, Any], profile: str | None) -> None:
    from keywright._internal.aws import Cloud, Patience, Settings
    from keywright._internal.cli.estate.accounts import accounts_to_scan
    from keywright._internal.cli.estate.progress import ScanProgress
    from keywright._internal.estate.scan import Scan, ScanOptions
    from keywright._internal.lifecycle.waiting import Waits

    waits = Waits()
    progress = ScanProgress()
    regions = tuple(options["regions"])
    with _stoppable(waits, progress), progress:
        cloud = Cloud(Settings(profile), patience=Patience(sleep=waits.pause))
        caller = cloud.caller(region=regions[0] if regions else "us-east-1")
        accounts, closed = accounts_to_scan(
            cloud, caller, options["accounts"], options["account_role"], organization=options["org"]
        )
        for item in closed:
            estate.put_not_read(item)
        Scan(cloud, estate, ScanOptions(regions, options["last_use"]), progress).run(accounts)


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
def _snapshot(out: Path | None, options: dict[str, Any], *, resume: bool) -> Iterator[EstateFile]:
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


def _check_regions(regions: Sequence[str]) -> None:
    from keywright._internal.facts.offerings import partition_of_region
    from keywright._internal.model.spelling import did_you_mean

    known = partition_of_region()
    for name in regions:
        if name not in known:
            raise UsageError(
                f"`{name}` is not an AWS Region", did_you_mean(name, known) or "write for example eu-west-1"
            )
