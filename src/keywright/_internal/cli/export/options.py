"""Options that the exports to CloudFormation share."""

from __future__ import annotations

from typing import Annotated

import typer

from keywright._internal.export.inexpressible import LeftOut

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
