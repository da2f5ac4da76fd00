"""`keywright validate` and `keywright schema`: what a keys file may hold, and whether one does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.counting import counted

File = Annotated[Path, typer.Argument(help="A keys file.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def validate(file: File, as_json: AsJson = False) -> None:
    """Check a keys file and report every problem with its line."""
    from keywright._internal.keysfile.stack import load_stack

    stack = load_stack(file)
    if as_json:
        print_document({"stack": stack.name, "keys": sorted(stack.keys)})
    else:
        typer.echo(f"{file}: {counted(len(stack.keys), 'key')}, no problems")


def schema() -> None:
    """Print the JSON Schema of a keys file, for editors."""
    from keywright._internal.keysfile.schema import file_schema

    typer.echo(json.dumps(file_schema(), indent=2))
