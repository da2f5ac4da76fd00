"""`keywright policy findings`: what the checks of key policies look for."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright._internal.cli.documents import print_document
from keywright.errors import UnknownName

if TYPE_CHECKING:
    from keywright._internal.proof.findings.check import Check


def findings(
    check: Annotated[
        str | None, typer.Argument(help="One finding's id or name, such as KW501; all if omitted.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the page of documentation.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List the findings that `policy check` reports, or explain one."""
    from keywright._internal.proof.findings.page import page
    from keywright._internal.proof.findings.registry import CHECKS

    if markdown:
        typer.echo(page(), nl=False)
        return
    chosen = [item for item in CHECKS if check is None or check.lower() in {item.id.lower(), item.name}]
    if not chosen:
        raise UnknownName(f"there is no finding `{check}`", "list them with `keywright policy findings`")
    if as_json:
        print_document({"findings": [_document(item) for item in chosen]})
    elif check is None:
        for group, checks in groupby(chosen, key=lambda item: item.group):
            typer.echo(f"{group}:")
            for item in checks:
                typer.echo(f"  {item.id}  {item.severity:<8}  {item.persona:<8}  {item.title}")
    else:
        typer.echo(_explanation(chosen[0]))


def _document(check: Check) -> dict[str, Any]:
    return {
        "id": check.id,
        "name": check.name,
        "group": check.group,
        "title": check.title,
        "severity": check.severity,
        "confidence": check.confidence,
        "persona": check.persona,
        "why": check.why,
        "remedy": check.remedy,
        "source_url": check.source_url,
    }


def _explanation(check: Check) -> str:
    return "\n".join(
        [
            f"{check.id} ({check.name}): {check.title}",
            f"severity {check.severity}, confidence {check.confidence}, persona {check.persona}",
            "",
            check.why,
            "",
            f"what to do: {check.remedy}",
            check.source_url,
            "",
            "found in:",
            check.bad[:2000],
            "",
            "not in:",
            check.good,
        ]
    )
