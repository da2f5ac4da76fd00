"""`keywright demo`: the whole life of a set of keys on the embedded AWS."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from keywright._internal.cli.documents import print_document


def demo(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """Show the life of two keys on the embedded AWS, from declaration to restore; takes about half a minute."""
    from rich.console import Console

    from keywright._internal.demo.console import DemoConsole
    from keywright._internal.demo.runner import run_demo

    result = run_demo(DemoConsole(Console(file=sys.stderr if as_json else sys.stdout)))
    if as_json:
        print_document(result.as_document())
    if result.failure:
        raise typer.Exit(2)
