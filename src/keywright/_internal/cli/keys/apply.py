"""`keywright apply`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from keywright._internal.cli.fleet.options import Accounts, Canaries, FleetOptions, MaxFailures, Scheduler, Wave
from keywright._internal.cli.keys.confirmation import confirm, need_confirmation
from keywright._internal.cli.keys.options import AsJson, FileOrPlan, NoCache, OnlyKeys, Profile, Region, Yes
from keywright.errors import UsageError

if TYPE_CHECKING:
    from keywright._internal.lifecycle.session import StackState
    from keywright._internal.lifecycle.steps import Plan


def apply(  # noqa: PLR0917 - an option each
    file: FileOrPlan,
    key: OnlyKeys = None,
    profile: Profile = None,
    region: Region = None,
    account: Accounts = None,
    wave: Wave = None,
    canary: Canaries = None,
    max_failures: MaxFailures = 0,
    scheduler: Scheduler = None,
    as_json: AsJson = False,
    yes: Yes = False,
    no_cache: NoCache = False,
) -> None:
    """Make AWS match the configuration, or carry out a saved plan. Run it again after an interruption."""
    from keywright._internal.cli.keys import render
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.keysfile.source import read_source
    from keywright._internal.keysfile.stack import stack_of
    from keywright._internal.keysfile.targets import has_targets
    from keywright._internal.lifecycle.apply import apply as carry_out
    from keywright._internal.lifecycle.saved_plan import load, still_to_do
    from keywright._internal.lifecycle.session import Session
    from keywright._internal.lifecycle.waiting import Waits

    saved = load(file)
    if saved is not None and key:
        raise UsageError("a saved plan is applied whole", "leave out --key, or plan again with it")
    many = FleetOptions(tuple(account or ()), scheduler, wave, tuple(canary or ()), max_failures)
    if saved is None:
        source = read_source(file)
        if has_targets(source):
            from keywright._internal.cli.fleet.on_accounts import FleetCommand
            from keywright._internal.fleet.account_work import ApplyKeys

            FleetCommand(source, ApplyKeys(), many, tuple(key or ()), profile, region, as_json, yes, no_cache).run()
            return
        stack = stack_of(source)
        need_confirmation("apply", yes=yes)
    else:
        stack = saved.stack
    many.refuse(file)
    progress = Progress()
    session = Session(
        tuple(key or ()) if saved is None else saved.only,
        profile,
        region or (saved.region if saved else None),
        Waits(notice=progress.waiting),
        progress,
        "the saved plan" if saved is not None and region is None else "--region",
    )
    with interruptible(session.waits, progress, as_json=as_json), progress:
        if saved is not None:
            state = session.at(stack)
            todo = still_to_do(saved, state.plan)
            _refuse_refuted(todo, no_cache=no_cache)
        else:
            state = session.at(stack, settled=True)
            _refuse_refuted(state.plan, no_cache=no_cache)
            state = state if yes else _confirmed(state)
            todo = state.plan
        outcomes = carry_out(state.cloud, todo, progress, state.waits, known=state.known)
    if not as_json:
        render.show_notes(state)
    render.finish(state.with_unread(outcomes), as_json=as_json, title="Apply", changed="updated")


def _refuse_refuted(plan: Plan, *, no_cache: bool) -> None:
    """Nothing at all is written while a claim is refuted on a policy of any key that would change."""
    from keywright._internal.cache.proof_cache import proof_cache
    from keywright._internal.fleet.proving import prove_many
    from keywright._internal.lifecycle.claims import prove_plan, refuse_refuted

    with proof_cache(wanted=not no_cache) as memory:
        refuse_refuted(prove_plan(plan.changing, memory, prover=prove_many))


def _confirmed(state: StackState) -> StackState:
    """Show the plan and ask; then read AWS again, for somebody may have changed it meanwhile."""
    from keywright._internal.cli.keys import render
    from keywright._internal.lifecycle.impact import impacts

    if not state.plan.changing:
        return state
    render.show_plan(state.plan, impacts(state.cloud, state.plan), err=True)
    typer.echo(render.summary(state.plan), err=True)
    confirm("Apply these changes?")
    return state.unmoved()
