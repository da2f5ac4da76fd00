"""`keywright destroy`."""

from __future__ import annotations

import json
import shlex
import sys

import typer

from keywright._internal.cli.keys.options import AsJson, File, OnlyKey, Profile, Region, Yes
from keywright._internal.counting import counted
from keywright.errors import InputError


def destroy(
    file: File,
    key: OnlyKey = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Schedule the deletion of the keys; what they encrypted cannot be read until they are restored."""
    from keywright._internal.cli.keys import render as showing
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.cli.keys.session import Session
    from keywright._internal.lifecycle.deletion import COST, losses
    from keywright._internal.lifecycle.deletion import destroy as carry_out

    if not yes and not sys.stdin.isatty():
        raise InputError("`destroy` asks before it does anything, and there is no terminal", "pass --yes")
    looking = Session(key, profile, region)
    progress = Progress(as_result=not as_json)
    with interruptible(looking.waits, progress, as_json=as_json):
        view = looking.at_file(file)
        doomed = losses(view.cloud, view.targets, view.observation)
        for loss in doomed:
            typer.echo(loss.words, err=True)
        if doomed and not yes:
            typer.confirm(f"Schedule the deletion of {counted(len(doomed), 'key')}?", abort=True, err=True)
        with progress:
            outcomes = carry_out(view.cloud, view.targets, view.observation, progress, view.waits)
    outcomes = showing.add_unlocated(outcomes, view)
    undo = f"keywright restore {shlex.quote(str(file))}" + (f" --key {key}" if key else "")
    if as_json:
        document = {
            item.name: {
                "done": list(item.done),
                "error": str(item.error) if item.error else None,
                "losses": [loss.as_document() for loss in doomed if loss.name == item.name],
            }
            for item in outcomes
        }
        typer.echo(json.dumps({"keys": document, "undo": undo, "cost": COST}))
        if any(item.error for item in outcomes):
            raise typer.Exit(2)
        return
    if doomed:
        typer.echo(COST)
        typer.echo(f"to undo it: {undo}")
    showing.finish(outcomes, as_json=False, verb="scheduled for deletion")
