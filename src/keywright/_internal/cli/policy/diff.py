"""`keywright policy diff`: which access a new key policy gives and takes away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.policy.reading import key_policy
from keywright._internal.cli.printable import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.difference.access_difference import AccessChange, AccessDifference


def diff(
    old: Annotated[Path, typer.Argument(help="The key policy as it is, JSON.", show_default=False)],
    new: Annotated[Path, typer.Argument(help="The key policy as it would be, JSON.", show_default=False)],
    account: Annotated[
        str | None, typer.Option(help="The key's account; else what the policies say.", show_default=False)
    ] = None,
    region: Annotated[str | None, typer.Option(help="The key's Region, where known.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Compare what two key policies allow; each difference comes with a request that shows it.

    Exit code 0: equivalent, whatever the text. 1: access is gained or lost, or it isn't decided. 2: bad input.
    """
    from keywright._internal.proof.difference.access_difference import policy_difference

    before, after = (key_policy(path).document for path in (old, new))
    difference = policy_difference(before, after, account=account, region=region)
    if as_json:
        print_document(difference.as_document())
    else:
        say("\n".join(_text(difference)))
    if difference.equivalent is not True:
        raise typer.Exit(1)


def _text(difference: AccessDifference) -> Iterator[str]:
    if difference.equivalent:
        yield "equivalent: the policies allow the same"
    elif difference.equivalent is None:
        yield f"not decided: {difference.reason}"
    for heading, changes in (("gained", difference.gained), ("lost", difference.lost)):
        if changes:
            yield f"{heading}:"
            for change in changes:
                yield from _change(change)


def _change(change: AccessChange) -> Iterator[str]:
    witness = change.witness.as_document()
    yield f"  {change.sentence}"
    yield f"    shown by: {json.dumps(witness['request'])}"
    if change.witness.identity_policies:
        yield f"    with identity policies: {json.dumps(witness['identity_policies'])}"
