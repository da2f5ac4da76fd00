"""`keywright report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keywright._internal.cli.estate.options import (
    AsJson,
    AsSarif,
    Html,
    Pedantic,
    TrustedAccounts,
    TrustedOrganisations,
)


def report(
    snapshot: Annotated[Path, typer.Argument(help="A snapshot that `keywright scan --out` wrote.", show_default=False)],
    trusted_account: TrustedAccounts = None,
    trusted_org: TrustedOrganisations = None,
    pedantic: Pedantic = False,
    as_json: AsJson = False,
    sarif: AsSarif = False,
    html: Html = None,
) -> None:
    """Say what a snapshot shows, without reading AWS; the output and exit code are those of `keywright scan`."""
    from keywright._internal.assessment.assess import Assessor, Trusted
    from keywright._internal.cli.estate.output import Wanted, check_trusted, finish
    from keywright._internal.estate.estate_file import EstateFile

    wanted = Wanted(as_json, sarif, html, pedantic)
    wanted.check()
    check_trusted(trusted_account or (), trusted_org or ())
    with EstateFile.read(snapshot) as estate:
        known = {item.account for item in estate.accounts()} if estate.options.get("org") and trusted_org else set()
        trusted = Trusted(frozenset((*(trusted_account or ()), *known)), frozenset(trusted_org or ()))
        finish(estate, Assessor(estate, trusted), wanted)
