"""`keywright permissions`."""

from __future__ import annotations

import json
from typing import Annotated

import typer


def permissions(
    command: Annotated[str, typer.Argument(help="A command that reads or changes AWS.")] = "scan",
) -> None:
    """Print the IAM policy that a command needs, as JSON: the actions of the calls that it makes, and no others."""
    from keywright._internal.cli.command_permissions import PERMISSIONS, policy_for
    from keywright._internal.model.spelling import did_you_mean
    from keywright.errors import UnknownName

    if command not in PERMISSIONS:
        raise UnknownName(
            f"`{command}` is not a command that needs permissions",
            did_you_mean(command, PERMISSIONS) or f"the commands are {', '.join(sorted(PERMISSIONS))}",
        )
    typer.echo(json.dumps(policy_for(command), indent=2))
