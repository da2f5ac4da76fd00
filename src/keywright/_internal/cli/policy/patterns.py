"""`keywright policy patterns`: the catalogue of named pieces of policy, listed and explained."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def patterns(
    name: Annotated[str | None, typer.Argument(help="One pattern, explained; all listed where left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the policy patterns that a key can use, or explain one: parameters, statements, and what AWS says."""
    from keywright._internal.policy import catalogue
    from keywright._internal.policy.pattern_pages import list_text, pattern_document, pattern_text

    if name is not None:
        found = catalogue.pattern(name)
        typer.echo(json.dumps(pattern_document(found)) if as_json else pattern_text(found))
        return
    every = catalogue.load().patterns.values()
    document = {"patterns": [pattern_document(item) for item in every]}
    typer.echo(json.dumps(document) if as_json else list_text(every))
