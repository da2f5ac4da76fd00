"""`keywright scan`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
from keywright._internal.cli.fleet.options import Scheduler
from keywright._internal.cli.fleet.workers import check_scheduler_option
from keywright._internal.cli.keys.options import Profile
from keywright.errors import UsageError


def scan(  # noqa: PLR0917 - an option each
    region: Regions = None,
    account_role: Annotated[
        str | None, typer.Option(help="The name of the role to assume in each account.", show_default=False)
    ] = None,
    org: Annotated[bool, typer.Option("--org", help="Every account of the caller's organization.")] = False,
    account: Annotated[
        list[str] | None, typer.Option(help="An account to read. May be repeated.", show_default=False)
    ] = None,
    targets: Annotated[
        Path | None, typer.Option(help="The accounts of the targets of this keys file.", show_default=False)
    ] = None,
    scheduler: Scheduler = None,
    out: Annotated[Path | None, typer.Option(help="Keep the snapshot in this file.", show_default=False)] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the snapshot of --out, and try again what failed.")
    ] = False,
    last_use: Annotated[
        bool, typer.Option("--last-use", help="Ask when each key was last used; AWS answers five a second.")
    ] = False,
    iam: Annotated[
        bool, typer.Option("--iam", help="Read roles, users and the organization too, for `who-can` and `why`.")
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
    from keywright._internal.cli.estate.reading import read_into, scan_options, snapshot
    from keywright._internal.cli.regions import check_regions

    wanted = Wanted(as_json, sarif, html, pedantic)
    wanted.check()
    check_accounts(account or (), account_role, organization=org)
    _check_fleet(targets, scheduler, others=bool(account or org))
    check_trusted(trusted_account or (), trusted_org or ())
    check_regions(region or ())
    if resume and out is None:
        raise UsageError("`--resume` needs the file to go on with", "name it with --out")
    options = scan_options(
        region or (),
        accounts=account or (),
        account_role=account_role,
        org=org,
        targets=targets,
        last_use=last_use,
        iam=iam,
    )
    with snapshot(out, options, resume=resume) as estate:
        asked = estate.options
        read_into(estate, asked, profile, scheduler)
        known = {item.account for item in estate.accounts()} if asked["org"] and trusted_org else set()
        trusted = Trusted(frozenset((*(trusted_account or ()), *known)), frozenset(trusted_org or ()))
        finish(estate, Assessor(estate, trusted), wanted)


def _check_fleet(targets: Path | None, scheduler: str | None, *, others: bool) -> None:
    if targets is not None and others:
        raise UsageError("`--targets` excludes `--account` and `--org`", "leave out one of them")
    check_scheduler_option(scheduler)
