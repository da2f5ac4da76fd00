"""`keywright verify`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.fleet.options import Accounts, FleetOptions, Scheduler
from keywright._internal.cli.keys.options import AsJson, File, NoCache, OnlyKeys, Profile, Region
from keywright._internal.counting import counted
from keywright.errors import UsageError

if TYPE_CHECKING:
    from keywright._internal.lifecycle.impact import Impacts
    from keywright._internal.lifecycle.key_probe import Trial
    from keywright._internal.lifecycle.verification import Verified


def verify(  # noqa: PLR0917 - an option each
    file: File,
    key: OnlyKeys = None,
    profile: Profile = None,
    region: Region = None,
    account: Accounts = None,
    scheduler: Scheduler = None,
    as_json: AsJson = False,
    use: Annotated[bool, typer.Option(help="Use the keys, or only compare them.")] = True,
    no_cache: NoCache = False,
    require_use: Annotated[
        bool, typer.Option("--require-use", help="Exit 1 if a use was skipped, for example for want of permission.")
    ] = False,
) -> None:
    """Read AWS again, compare it with the configuration, and use the keys.

    Exit code 1: drift, a refuted claim, or a use that failed.
    """
    from keywright._internal.cache.proof_cache import proof_cache
    from keywright._internal.cli.keys import render
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.fleet.proving import prove_many
    from keywright._internal.keysfile.source import read_source
    from keywright._internal.keysfile.stack import stack_of
    from keywright._internal.keysfile.targets import has_targets
    from keywright._internal.lifecycle import exit_codes
    from keywright._internal.lifecycle.documents import verify_document
    from keywright._internal.lifecycle.impact import impacts
    from keywright._internal.lifecycle.session import Session
    from keywright._internal.lifecycle.verification import verify as look_closely
    from keywright._internal.lifecycle.waiting import Waits

    if require_use and not use:
        raise UsageError("`--require-use` asks for uses, and `--no-use` for none", "leave one of them out")
    source = read_source(file)
    many = FleetOptions(tuple(account or ()), scheduler)
    if has_targets(source):
        from keywright._internal.cli.fleet.on_accounts import FleetCommand
        from keywright._internal.fleet.account_work import VerifyKeys

        FleetCommand(
            source, VerifyKeys(use, require_use), many, tuple(key or ()), profile, region, as_json, no_cache=no_cache
        ).run()
        return
    many.refuse(file)
    progress = Progress()
    session = Session(tuple(key or ()), profile, region, Waits(notice=progress.waiting), progress)
    with interruptible(session.waits, progress, as_json=as_json), progress:
        state = session.at(stack_of(source), fresh_tags=True)
        with proof_cache(wanted=not no_cache) as memory:
            found = look_closely(
                state.cloud,
                state.plan,
                state.failures,
                progress,
                state.waits,
                use=use,
                memory=memory,
                prover=prove_many,
            )
        meaning = impacts(state.cloud, state.plan)
    if as_json:
        print_document(verify_document(state, found, meaning))
    else:
        for item in found:
            _show(item, meaning)
        good = sum(item.in_sync for item in found)
        trials = [trial for item in found for trial in item.trials]
        typer.echo(f"{good} of {counted(len(found), 'key')} in sync" + (f"; {_uses(trials)}" if use else ""))
        render.show_notes(state)
    if code := exit_codes.of_verify(found, require_use=require_use):
        raise typer.Exit(code)


def _uses(trials: Sequence[Trial]) -> str:
    """How many uses worked, and why the others were skipped."""
    from keywright._internal.lifecycle.key_probe import Result, counts

    number = counts(trials)
    reasons = sorted({trial.reason for trial in trials if trial.result is Result.SKIPPED})
    skipped = f", {number['skipped']} skipped: {'; '.join(reasons)}" if reasons else ""
    return f"{number['worked']} of {counted(len(trials), 'use')} worked{skipped}"


def _show(item: Verified, meaning: Impacts) -> None:
    from keywright._internal.cli.keys.render import show_line, show_step

    drifted = "drift detected" if item.differences or item.orphans else "use failed"
    typer.echo(f"{item.name}: {'not verified' if item.error else 'in sync' if item.in_sync else drifted}")
    if item.error:
        typer.echo(f"  {item.error}")
    for step in item.differences:
        show_step(step, meaning.of(item.name, step))
    for orphan in item.orphans:
        show_line("!", orphan.summary)
    for claim in item.refuted:
        show_line("!", f"claim refuted in {claim.region}: {claim.result.claim}: {claim.result.reason}")
    for trial in item.trials:
        typer.echo(f"    {trial.summary}")
