"""Arguments that the commands on effective access share."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

From = Annotated[Path, typer.Option("--from", help="A snapshot that `keywright scan --iam --out` wrote.")]
Via = Annotated[
    str | None,
    typer.Option(help="Only calls that come through this AWS service, such as `s3`.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Targets = Annotated[
    Path | None,
    typer.Option(help="Read AWS now: the accounts of the targets of this keys file.", show_default=False),
]
DEFAULT_SNAPSHOT = Path("estate.db")


def actions_of(written: Iterable[str]) -> tuple[str, ...]:
    """Actions as AWS spells them; `Decrypt` is `kms:Decrypt`, and `GenerateDataKey*` is each that fits.

    Raises:
        UsageError: a key policy decides no such action.
    """
    from keywright._internal.facts.actions import DECIDED_BY_KEY_POLICIES

    found: dict[str, None] = {}
    for text in written:
        pattern = text.lower() if text.lower().startswith("kms:") else f"kms:{text.lower()}"
        fitting = sorted(name for name in DECIDED_BY_KEY_POLICIES if fnmatchcase(name.lower(), pattern))
        if not fitting:
            raise UsageError(f"`{text}` is no action on a key", "write it as `kms:Decrypt`")
        found.update(dict.fromkeys(fitting))
    return tuple(found)
