"""Arguments and options that the commands on keys share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from keywright._internal.cli.regions import checked_region

File = Annotated[Path, typer.Argument(help="A keys file.", show_default=False)]
FileOrPlan = Annotated[Path, typer.Argument(help="A keys file, or a saved plan.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
OnlyKeys = Annotated[
    list[str] | None, typer.Option("--key", help="A key of the file, in place of all; may be repeated.")
]
Profile = Annotated[str | None, typer.Option(help="An AWS profile.")]
Region = Annotated[str | None, typer.Option(help="The Region of keys whose file names none.", callback=checked_region)]
NoCache = Annotated[
    bool, typer.Option("--no-cache", help="Prove every claim anew, and remember no result for the next run.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
