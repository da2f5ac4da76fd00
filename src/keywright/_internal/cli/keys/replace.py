"""`keywright replace`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from keywright._internal.cli.keys.options import AsJson, File, Profile, Region, Yes
from keywright.errors import InputError


def replace(
    file: File,
    key: Annotated[str, typer.Option("--key", help="The key to replace.", show_default=False)],
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Make a new key in place of one that AWS can't change, move its aliases, and keep the old one for decryption."""
    from dataclasses import replace as changed

    from keywright._internal.cli.keys import render as showing
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.cli.keys.session import Session
    from keywright._internal.lifecycle.apply import apply
    from keywright._internal.lifecycle.claims import prove_all, refuse_refuted
    from keywright._internal.lifecycle.replacement import planned_replacement, retire

    if not yes and not sys.stdin.isatty():
        raise InputError("`replace` asks before it does anything, and there is no terminal", "pass --yes")
    looking = Session(key, profile, region)
    progress = Progress()
    with interruptible(looking.waits, progress, as_json=as_json):
        view = looking.at_file(file, settled=True)
        if view.failures:
            raise view.failures[key]
        (target,) = view.targets
        observed = view.observation.observed[key]
        steps = planned_replacement(target, observed)
        refuse_refuted(prove_all(view.targets))
        old = observed.live[0].metadata.arn
        typer.echo(f"{old} keeps decrypting what it encrypted, and keeps its price; nothing is deleted", err=True)
        typer.echo("what was encrypted with it is not encrypted anew; that is for its users to do", err=True)
        showing.show_steps({key: steps}, view, err=True)
        if not yes:
            typer.confirm("Do this?", abort=True, err=True)
        with progress:
            retired = retire(view.cloud, target, observed, progress, view.waits)
            outcomes = apply(view.cloud, view.targets, view.again().observation, progress, view.waits)
    showing.finish([changed(item, done=(*retired, *item.done)) for item in outcomes], as_json, verb="replaced")
