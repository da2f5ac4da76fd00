"""Options that the commands on estates share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Regions = Annotated[
    list[str] | None,
    typer.Option("--region", help="A Region; all that are enabled if left out. May be repeated.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
AsSarif = Annotated[
    bool, typer.Option("--sarif", help="Print SARIF 2.1.0; what is found doesn't change the exit code.")
]
Html = Annotated[Path | None, typer.Option(help="Write one self-contained page.", show_default=False)]
Pedantic = Annotated[bool, typer.Option("--pedantic", help="Show harmless remarks too.")]
TrustedAccounts = Annotated[
    list[str] | None,
    typer.Option("--trusted-account", help="An account that may have access. May be repeated.", show_default=False),
]
TrustedOrganisations = Annotated[
    list[str] | None,
    typer.Option(
        "--trusted-org", help="An organization (o-…) that may have access. May be repeated.", show_default=False
    ),
]
