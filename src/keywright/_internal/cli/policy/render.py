"""`keywright policy render`: the key policy that Keywright writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from keywright.errors import UsageError


def render(
    file: Annotated[Path, typer.Argument(help="A keys file.", show_default=False)],
    key: Annotated[str | None, typer.Argument(help="One key; all if omitted.", show_default=False)] = None,
    account: Annotated[str | None, typer.Option(help="The account of the keys that state none.")] = None,
    replica: Annotated[
        str | None, typer.Option(help="The Region of a replica, for the policy there.", show_default=False)
    ] = None,
) -> None:
    """Print the key policy that Keywright writes, the same bytes on each run and machine.

    Of a file with targets, by account: those that it lists, or that of --account.
    """
    from keywright._internal.keysfile.source import read_source
    from keywright._internal.keysfile.stack import checked_stacks
    from keywright._internal.policy.rendering import rendered_policies

    stacks = checked_stacks(read_source(file), account)
    policies = {where: rendered_policies(stack, key, account, replica=replica) for where, stack in stacks.items()}
    if key is not None and len(policies) > 1:
        raise UsageError(f"`{file}` has {len(policies)} accounts, each with a policy", "name one with --account")
    if key is not None:
        (of_account,) = policies.values()
        typer.echo(of_account[key])
        return
    documents = {where: {name: json.loads(text) for name, text in found.items()} for where, found in policies.items()}
    alone = next(iter(documents.values())) if len(documents) == 1 and (account or None in documents) else documents
    typer.echo(json.dumps(alone, indent=2))
