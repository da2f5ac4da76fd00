"""`keywright replace`."""

from __future__ import annotations

from typing import Annotated

import typer

from keywright._internal.cli.fleet.one_account import OneAccount, stack_in_account
from keywright._internal.cli.keys.confirmation import confirm, need_confirmation
from keywright._internal.cli.keys.options import AsJson, File, Profile, Region, Yes


def replace(
    file: File,
    key: Annotated[str, typer.Option("--key", help="The key to replace.", show_default=False)],
    profile: Profile = None,
    region: Region = None,
    account: OneAccount = None,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Create a new key in place of one that AWS can't change, move its aliases, and keep the old one working."""
    from dataclasses import replace as changed

    from keywright._internal.cli.keys import render
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.lifecycle.apply import apply
    from keywright._internal.lifecycle.claims import prove_plan, refuse_refuted
    from keywright._internal.lifecycle.impact import Impacts
    from keywright._internal.lifecycle.replacement import consequences, planned_replacement, retire
    from keywright._internal.lifecycle.session import Session
    from keywright._internal.lifecycle.waiting import Waits

    need_confirmation("replace", yes=yes)
    progress = Progress()
    session = Session((key,), profile, region, Waits(notice=progress.waiting), progress)
    with interruptible(session.waits, progress, as_json=as_json), progress:
        state = session.at(stack_in_account(file, account, session), settled=True)
        if state.failures:
            raise state.failures[key]
        (target,) = state.targets
        now = state.observation.states[key]
        plan = planned_replacement(target, now)
        refuse_refuted(prove_plan(plan.keys))
        for line in consequences(now):
            render.show_line("~", line, err=True)
        render.show_plan(plan, Impacts(), err=True)
        if not yes:
            confirm("Replace this key?")
        retired = retire(state.cloud, target, now, progress, state.waits)
        then = state.again()
        outcomes = apply(then.cloud, then.plan, progress, state.waits, known=then.known)
    outcomes = tuple(changed(item, applied=(*retired, *item.applied), created=False) for item in outcomes)
    render.finish(outcomes, as_json=as_json, title="Replace", changed="replaced")
