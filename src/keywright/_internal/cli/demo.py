"""The command that tells the whole story on the embedded AWS."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer


def demo(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """Declare, plan, apply, verify, refuse, mend, destroy and restore keys on an embedded AWS, in a minute."""
    from rich.console import Console

    from keywright._internal.demo.console import Teller
    from keywright._internal.demo.runner import perform

    performance = perform(Teller(Console(file=sys.stderr if as_json else sys.stdout)))
    if as_json:
        typer.echo(json.dumps(performance.as_document()))
    if performance.failure:
        raise typer.Exit(2)
