"""`keywright policy patterns`: the catalogue of named pieces of policy, listed and explained."""

from __future__ import annotations

from typing import Annotated

import typer

from keywright._internal.cli.documents import print_document


def patterns(
    name: Annotated[str | None, typer.Argument(help="One pattern to explain; a list of all if omitted.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the policy patterns that a key can use, or explain one: parameters, statements, and what AWS says."""
    from keywright._internal.policy import catalogue
    from keywright._internal.policy.pattern_pages import list_text, pattern_document, pattern_text

    chosen = catalogue.load().patterns.values() if name is None else [catalogue.pattern(name)]
    if as_json:
        print_document({"patterns": [pattern_document(item) for item in chosen]})
    else:
        typer.echo(list_text(chosen) if name is None else pattern_text(*chosen))
