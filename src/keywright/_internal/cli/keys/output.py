"""`keywright output`."""

from __future__ import annotations

import json
from typing import Any

import typer

from keywright._internal.cli.keys.options import AsJson, File, OnlyKey, Profile, Region
from keywright.errors import KeywrightError


def output(
    file: File,
    key: OnlyKey = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """The six outputs of each key."""
    from keywright._internal.cli.keys import render as showing
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.cli.keys.session import Session
    from keywright._internal.lifecycle.outputs import outputs_of

    looking = Session(key, profile, region)
    with interruptible(looking.waits, Progress(), as_json=as_json):
        view = looking.at_file(file)
    seen = view.observation.observed
    keys: dict[str, dict[str, Any]] = {}
    failures = dict(view.failures)
    for item in view.targets:
        if item.name in seen:
            try:
                keys[item.name] = outputs_of(item, seen[item.name])
            except KeywrightError as error:
                failures[item.name] = error
    if as_json:
        typer.echo(json.dumps({"keys": keys}))
    else:
        for name, values in keys.items():
            typer.echo(name)
            for field, value in values.items():
                typer.echo(f"  {field}: {json.dumps(value)}")
    showing.show_failures(failures)
    if failures:
        raise typer.Exit(2)
