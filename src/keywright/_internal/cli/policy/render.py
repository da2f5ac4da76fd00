"""`keywright policy render`: the key policy that Keywright writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def render(
    file: Annotated[Path, typer.Argument(help="A keys file.", show_default=False)],
    key: Annotated[str | None, typer.Argument(help="One key; all if omitted.", show_default=False)] = None,
    account: Annotated[str | None, typer.Option(help="The account of the keys that state none.")] = None,
    replica: Annotated[
        str | None, typer.Option(help="The Region of a replica, for the policy there.", show_default=False)
    ] = None,
) -> None:
    """Print the key policy that Keywright writes, the same bytes on each run and machine."""
    from keywright._internal.keysfile.stack import load_stack
    from keywright._internal.policy.rendering import rendered_policies

    policies = rendered_policies(load_stack(file), key, account, replica=replica)
    if key is not None:
        typer.echo(policies[key])
    else:
        typer.echo(json.dumps({name: json.loads(text) for name, text in policies.items()}, indent=2))
