"""`keywright plan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.fleet.options import Accounts, FleetOptions, Scheduler
from keywright._internal.cli.keys.options import AsJson, File, NoCache, OnlyKeys, Profile, Region
from keywright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright._internal.lifecycle.claims import Proved
    from keywright._internal.lifecycle.impact import Impacts
    from keywright._internal.lifecycle.session import StackState
    from keywright._internal.proof.findings.finding import Finding


def plan(  # noqa: PLR0917 - an option each
    file: File,
    key: OnlyKeys = None,
    profile: Profile = None,
    region: Region = None,
    account: Accounts = None,
    scheduler: Scheduler = None,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option(help="Save the plan for `apply`, which refuses it once stale.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the plan as a page for a reviewer into this file.")] = None,
    all_actions: Annotated[
        bool, typer.Option("--all-actions", help="Name every action that somebody gains or loses.")
    ] = False,
    no_cache: NoCache = False,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 1 if there are changes.")
    ] = False,
) -> None:
    """Show what `apply` would change on AWS, step by step, and why."""
    from keywright._internal.cache.proof_cache import proof_cache
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.fleet.proving import prove_many
    from keywright._internal.keysfile.source import read_source
    from keywright._internal.keysfile.stack import stack_of
    from keywright._internal.keysfile.targets import has_targets
    from keywright._internal.lifecycle import exit_codes
    from keywright._internal.lifecycle.claims import PolicyExamination
    from keywright._internal.lifecycle.impact import impacts
    from keywright._internal.lifecycle.saved_plan import check_writable, save
    from keywright._internal.lifecycle.session import Session
    from keywright._internal.lifecycle.waiting import Waits

    source = read_source(file)
    many = FleetOptions(tuple(account or ()), scheduler)
    if has_targets(source):
        _refuse_for_many(out, html, all_actions=all_actions)
        from keywright._internal.cli.fleet.on_accounts import FleetCommand
        from keywright._internal.fleet.account_work import PlanKeys

        FleetCommand(
            source, PlanKeys(detailed_exitcode), many, tuple(key or ()), profile, region, as_json, no_cache=no_cache
        ).run()
        return
    many.refuse(file)
    if out is not None:
        check_writable(out)
    progress = Progress()
    session = Session(tuple(key or ()), profile, region, Waits(notice=progress.waiting), progress)
    with interruptible(session.waits, progress, as_json=as_json), progress, proof_cache(wanted=not no_cache) as memory:
        examination = PolicyExamination(memory, prove_many)
        state = session.at(stack_of(source), meanwhile=examination.begin)
        claims = examination.claims(state.plan.keys)
        meaning = impacts(state.cloud, state.plan)
    saved = out is not None and not state.failures
    if out is not None and saved:
        save(out, state.plan, state.stack, file=str(file), only=session.keys, region=state.cloud.default_region)
    if html is not None or as_json:
        from keywright._internal.lifecycle.documents import plan_document

        document = plan_document(state, meaning, claims, examination.findings)
        if html is not None:
            _write_page(html, document, state)
        if as_json:
            print_document(document)
    if not as_json:
        _show(state, meaning, claims, examination.findings, unfolded=all_actions)
        if saved:
            typer.echo(f"Saved the plan to {out}. To apply it: keywright apply {out}", err=True)
    if code := exit_codes.of_plan(state, claims, detailed=detailed_exitcode):
        raise typer.Exit(code)


def _refuse_for_many(out: Path | None, html: Path | None, *, all_actions: bool) -> None:
    if out is not None or html is not None or all_actions:
        raise UsageError("`--out`, `--html` and `--all-actions` are for files without targets", "leave them out")


def _write_page(html: Path, document: dict[str, Any], state: StackState) -> None:
    from keywright._internal.cli.keys import render
    from keywright._internal.report.plan_page import write_plan_page

    access = {item.name: render.access_lines(item.target) for item in state.plan.changing if item.creates}
    write_plan_page(html, document, access=access)


def _show(
    state: StackState,
    meaning: Impacts,
    claims: Mapping[str, Sequence[Proved]],
    findings: Mapping[str, Sequence[tuple[str, Finding]]],
    *,
    unfolded: bool,
) -> None:
    """A plan for people: its steps, what is proved and found of its policies, and what couldn't be read."""
    from keywright._internal.cli.keys import render

    changing = {item.name for item in state.plan.changing}
    render.show_plan(state.plan, meaning, unfolded=unfolded)
    render.show_claims(claims, changing=changing)
    render.show_findings(findings)
    if changing:
        typer.echo(render.summary(state.plan))
    elif not state.failures:
        typer.echo(render.NOTHING)
    render.show_notes(state)
    render.show_failures(state.failures.items())
