"""One account of a file with targets, for commands that work on one at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.cli.fleet.options import FleetOptions
from keywright.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from keywright._internal.lifecycle.session import Session
    from keywright._internal.model.stack import Stack

OneAccount = Annotated[str | None, typer.Option("--account", help="The account, of a file with targets.")]


def stack_in_account(file: Path, account: str | None, session: Session) -> Stack:
    """What a file declares; of one with targets, in the account.

    Raises:
        UsageError: the file has targets and no account is given, or the other way round.
    """
    from keywright._internal.fleet.discovery import discover
    from keywright._internal.keysfile.source import read_source
    from keywright._internal.keysfile.stack import stack_of
    from keywright._internal.keysfile.targets import has_targets, targets_of

    source = read_source(file)
    if not has_targets(source):
        FleetOptions(() if account is None else (account,)).refuse(file)
        return stack_of(source)
    if account is None:
        raise UsageError(f"`{file}` has targets, and this command works on one account", "name it with --account")
    (deployment,) = discover(session.cloud(), targets_of(source), (account,)).deployments
    return stack_of(source, deployment)
