"""`keywright output`."""

from __future__ import annotations

import json

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.fleet.options import Accounts, FleetOptions, Scheduler
from keywright._internal.cli.keys.options import AsJson, File, OnlyKeys, Profile, Region


def output(
    file: File,
    key: OnlyKeys = None,
    profile: Profile = None,
    region: Region = None,
    account: Accounts = None,
    scheduler: Scheduler = None,
    as_json: AsJson = False,
) -> None:
    """Show the six outputs of each key."""
    from keywright._internal.cli.keys import render
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.keysfile.source import read_source
    from keywright._internal.keysfile.stack import stack_of
    from keywright._internal.keysfile.targets import has_targets
    from keywright._internal.lifecycle.documents import output_document
    from keywright._internal.lifecycle.session import Session
    from keywright._internal.lifecycle.waiting import Waits

    source = read_source(file)
    many = FleetOptions(tuple(account or ()), scheduler)
    if has_targets(source):
        from keywright._internal.cli.fleet.on_accounts import FleetCommand
        from keywright._internal.fleet.account_work import TellOutputs

        FleetCommand(source, TellOutputs(), many, tuple(key or ()), profile, region, as_json).run()
        return
    many.refuse(file)
    progress = Progress()
    session = Session(tuple(key or ()), profile, region, Waits(notice=progress.waiting), progress)
    with interruptible(session.waits, progress, as_json=as_json), progress:
        state = session.at(stack_of(source))
    document, failures = output_document(state)
    if as_json:
        print_document(document)
    else:
        for name, values in document["keys"].items():
            typer.echo(name)
            for field, value in values.items():
                typer.echo(f"  {field}: {json.dumps(value)}")
    render.show_failures(failures.items())
    if failures:
        raise typer.Exit(2)
