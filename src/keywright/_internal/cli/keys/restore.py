"""`keywright restore`."""

from __future__ import annotations

from typing import Annotated

import typer

from keywright._internal.cli.fleet.one_account import OneAccount, stack_in_account
from keywright._internal.cli.keys.options import AsJson, File, OnlyKeys, Profile, Region


def restore(
    file: File,
    key: OnlyKeys = None,
    profile: Profile = None,
    region: Region = None,
    account: OneAccount = None,
    key_id: Annotated[
        str | None, typer.Option("--key-id", help="Of several keys with one identity, the one to restore.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Cancel the deletion of the keys, enable them, and create their aliases again. Never creates a key."""
    from keywright._internal.cli.keys import render
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.lifecycle.restoration import restore as carry_out
    from keywright._internal.lifecycle.session import Session
    from keywright._internal.lifecycle.waiting import Waits

    progress = Progress()
    session = Session(tuple(key or ()), profile, region, Waits(notice=progress.waiting), progress)
    with interruptible(session.waits, progress, as_json=as_json), progress:
        state = session.at(stack_in_account(file, account, session))
        outcomes = carry_out(
            state.cloud,
            state.targets,
            state.observation,
            progress,
            state.waits,
            key_id=key_id,
        )
    render.finish(state.with_unread(outcomes), as_json=as_json, title="Restore", changed="restored")
