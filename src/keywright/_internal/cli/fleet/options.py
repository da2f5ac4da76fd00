"""Options of the commands on keys that are for files with targets."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated

import typer

from keywright.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

Accounts = Annotated[
    list[str] | None,
    typer.Option("--account", help="An account of the targets, in place of all; may be repeated.", show_default=False),
]
Scheduler = Annotated[
    str | None,
    typer.Option(help="A Dask scheduler, tls://HOST:PORT, whose workers do the work.", show_default=False),
]
Wave = Annotated[
    str | None, typer.Option(help="How many accounts at a time: a number, or 10%.", show_default=False, metavar="SIZE")
]
Canaries = Annotated[
    list[str] | None,
    typer.Option("--canary", help="An account to begin with, alone; may be repeated.", show_default=False),
]
MaxFailures = Annotated[
    int, typer.Option("--max-failures", min=0, help="Begin no other account after more failures than these.")
]


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """What the options say; a file without targets takes none of them."""

    account: tuple[str, ...] = ()
    scheduler: str | None = None
    wave: str | None = None
    canary: tuple[str, ...] = ()
    max_failures: int = 0

    def refuse(self, file: Path) -> None:
        """Refuse the options for a file without targets.

        Raises:
            UsageError: naming the first of them.
        """
        for item in fields(self):
            if getattr(self, item.name) != item.default:
                name = f"--{item.name.replace('_', '-')}"
                raise UsageError(f"`{name}` is for files with `targets`, and `{file}` has none", f"leave out {name}")
