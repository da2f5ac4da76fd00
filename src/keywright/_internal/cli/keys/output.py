"""`keywright output`."""

from __future__ import annotations

import json

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.keys.options import AsJson, File, OnlyKeys, Profile, Region


def output(
    file: File,
    key: OnlyKeys = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Show the six outputs of each key."""
    from keywright._internal.cli.keys import render
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.keysfile.stack import load_stack
    from keywright._internal.lifecycle.documents import output_document
    from keywright._internal.lifecycle.session import Session
    from keywright._internal.lifecycle.waiting import Waits

    progress = Progress()
    session = Session(tuple(key or ()), profile, region, Waits(notice=progress.waiting), progress)
    with interruptible(session.waits, progress, as_json=as_json), progress:
        state = session.at(load_stack(file))
    document, failures = output_document(state)
    if as_json:
        print_document(document)
    else:
        for name, values in document["keys"].items():
            typer.echo(name)
            for field, value in values.items():
                typer.echo(f"  {field}: {json.dumps(value)}")
    render.show_failures(failures)
    if failures:
        raise typer.Exit(2)
