"""Options that the exports to CloudFormation share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.export.inexpressible import LeftOut, left_out_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright._internal.model.stack import Stack

LeaveOut = Annotated[
    list[LeftOut] | None,
    typer.Option(
        "--leave-out",
        metavar="FIELD",
        help="What can't be expressed and the templates may lack, `grants` or `replica_regions`; may be repeated.",
        show_default=False,
    ),
]
ByKey = Annotated[bool, typer.Option("--by-key", help="Write a template, for a stack of its own, for each key.")]


def left_out_of_keys(stack: Stack, wanted: Sequence[LeftOut]) -> dict[str, list[str]]:
    """The fields that each key loses, by its name."""
    lost = {name: left_out_of(key, wanted) for name, key in stack.keys.items()}
    return {name: [field.value for field in fields] for name, fields in lost.items() if fields}


def warn_of_left_out(left_out: Mapping[str, Sequence[str]]) -> None:
    """Say on stderr what the templates lack."""
    for name, fields in left_out.items():
        typer.echo(f"warning: {name}: left out {', '.join(fields)}", err=True)
