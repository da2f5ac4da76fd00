"""`keywright destroy`."""

from __future__ import annotations

import shlex
from typing import Annotated

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.fleet.one_account import OneAccount, stack_in_account
from keywright._internal.cli.keys.confirmation import confirm, need_confirmation
from keywright._internal.cli.keys.options import AsJson, File, OnlyKeys, Profile, Region, Yes
from keywright._internal.counting import counted


def destroy(  # noqa: PLR0917 - an option each
    file: File,
    key: OnlyKeys = None,
    profile: Profile = None,
    region: Region = None,
    account: OneAccount = None,
    key_id: Annotated[
        str | None, typer.Option("--key-id", help="Of several keys with one identity, the one to delete.")
    ] = None,
    replica: Annotated[
        str | None, typer.Option("--replica", help="Delete the replica in this Region, and not the key.")
    ] = None,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Schedule the deletion of the keys; what they encrypted cannot be read until they are restored."""
    from dataclasses import replace as changed

    from keywright._internal.cli.keys import render
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.lifecycle.deletion import COST, choose, losses
    from keywright._internal.lifecycle.deletion import destroy as carry_out
    from keywright._internal.lifecycle.session import Session
    from keywright._internal.lifecycle.waiting import Waits

    need_confirmation("destroy", yes=yes)
    progress = Progress(as_result=not as_json)
    session = Session(tuple(key or ()), profile, region, Waits(notice=progress.waiting), progress)
    with interruptible(session.waits, progress, as_json=as_json), progress:
        state = session.at(stack_in_account(file, account, session))
        chosen = choose(state.observation.states, key_id=key_id, replica=replica)
        targets = [item for item in state.targets if item.name in {*chosen, *state.failures}]
        observation = changed(state.observation, states=chosen)
        doomed = losses(state.cloud, targets, observation)
        for loss in doomed:
            render.show_line("-", loss.summary, err=True)
        if doomed and not yes:
            confirm(f"Schedule the deletion of {counted(len(doomed), 'key')}?")
        outcomes = carry_out(state.cloud, targets, observation, progress, state.waits)
    outcomes = state.with_unread(outcomes)
    undo = " ".join(
        ["keywright restore", shlex.quote(str(file)), *(f"--key {shlex.quote(name)}" for name in key or ())]
    ) + "".join(f" --{name} {value}" for name, value in (("key-id", key_id), ("account", account)) if value)
    if as_json:
        document = {
            item.name: {
                **item.as_document(),
                "losses": [loss.as_document() for loss in doomed if loss.name == item.name],
            }
            for item in outcomes
        }
        print_document({"keys": document, "undo": undo, "cost": COST})
        if any(item.error for item in outcomes):
            raise typer.Exit(2)
        return
    if doomed:
        typer.echo(COST)
        typer.echo(f"to undo it: {undo}")
    render.finish(outcomes, as_json=False, title="Destroy", changed="scheduled for deletion")
