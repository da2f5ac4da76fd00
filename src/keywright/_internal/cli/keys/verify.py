"""`keywright verify`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.cli.keys.options import AsJson, File, OnlyKey, Profile, Region
from keywright._internal.counting import counted

if TYPE_CHECKING:
    from keywright._internal.lifecycle.verification import Verified


def verify(
    file: File,
    key: OnlyKey = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
    use: Annotated[bool, typer.Option(help="Really use the keys, or only compare them.")] = True,
) -> None:
    """Read AWS again, compare it with the file, and really use the keys; exit 1 on any difference or failed use."""
    from keywright._internal.cli.keys import render as showing
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.cli.keys.session import Session
    from keywright._internal.lifecycle.verification import Verified
    from keywright._internal.lifecycle.verification import verify as look_closely

    looking = Session(key, profile, region)
    progress = Progress()
    with interruptible(looking.waits, progress, as_json=as_json):
        view = looking.at_file(file, fresh_tags=True)
        with progress:
            found = look_closely(view.cloud, view.targets, view.observation, progress, view.waits, use=use)
    known = {item.name for item in found}
    found = (*found, *(Verified(name, error=error) for name, error in view.failures.items() if name not in known))
    if as_json:
        document = {
            "keys": {item.name: item.as_document() for item in found},
            "no_longer_declared": [item.as_document() for item in view.observation.strays],
            "notes": showing.notes(view),
        }
        typer.echo(json.dumps(document))
    else:
        for item in found:
            _show(item)
        good = sum(item.as_declared for item in found)
        typer.echo(f"as declared: {good} of {counted(len(found), 'key')}")
        showing.show_notes(view)
    if any(item.error for item in found):
        raise typer.Exit(2)
    if not all(item.as_declared for item in found):
        raise typer.Exit(1)


def _show(item: Verified) -> None:
    from keywright._internal.cli.keys.render import show_step

    verdict = "not verified" if item.error else "as declared" if item.as_declared else "differs"
    typer.echo(f"{item.name}: {verdict}")
    if item.error:
        typer.echo(f"  {item.error}")
    for step in item.differences:
        show_step(step)
    for orphan in item.orphans:
        typer.echo(f"  ! {orphan.words}")
    for trial in item.trials:
        typer.echo(f"    {trial.words}")
