"""`keywright plan`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.cli.keys.options import AsJson, File, OnlyKey, Profile, Region
from keywright._internal.counting import counted

if TYPE_CHECKING:
    from keywright._internal.cli.keys.session import StackState
    from keywright._internal.lifecycle.planning import Step


def plan(
    file: File,
    key: OnlyKey = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
    out: Annotated[Path | None, typer.Option(help="Save the plan for `apply`, which refuses it once stale.")] = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit 1 where something would change.")
    ] = False,
) -> None:
    """Show what `apply` would do and why, and that nothing will happen where that is so."""
    from keywright._internal.cli.keys import render as showing
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.cli.keys.session import Session
    from keywright._internal.lifecycle.claims import prove_all
    from keywright._internal.lifecycle.saved_plan import check_writable, save

    if out is not None:
        check_writable(out)
    looking = Session(key, profile, region)
    with interruptible(looking.waits, Progress(), as_json=as_json):
        view = looking.at_file(file)
        steps = planned(view)
        claims = prove_all(view.targets)
    refuted = any(item.forbids for items in claims.values() for item in items)
    refused = any(step.verb == "refuse" for items in steps.values() for step in items)
    if out is not None and not view.failures:
        full = {
            target.name: (target, view.observation.observed[target.name], steps[target.name]) for target in view.targets
        }
        save(out, view.stack, str(file), key, view.cloud.default_region, full)
    changes = {name: items for name, items in steps.items() if items}
    if as_json:
        document = {
            "stack": view.stack.name,
            "changes": {name: [step.as_document() for step in items] for name, items in changes.items()},
            "claims": showing.claims_document(claims),
            "no_longer_declared": [item.as_document() for item in view.observation.strays],
            "notes": showing.notes(view),
            "errors": {name: str(error) for name, error in view.failures.items()},
        }
        typer.echo(json.dumps(document))
    else:
        showing.show_steps(steps, view)
        showing.show_claims(claims, changing=changes)
        if not changes and not view.failures:
            typer.echo(showing.NOTHING)
        elif changes:
            typer.echo(_summary(view, changes))
        if out is not None and not view.failures:
            typer.echo(f"saved to {out}; next: keywright apply {out}", err=True)
        showing.show_notes(view)
        showing.show_failures(view.failures)
    if view.failures:
        raise typer.Exit(2)
    if refuted or refused or (detailed_exitcode and changes):
        raise typer.Exit(1)


def planned(view: StackState) -> dict[str, tuple[Step, ...]]:
    """The steps of every key that could be looked at."""
    from keywright._internal.lifecycle.planning import plan as steps_of

    seen = view.observation.observed
    return {target.name: steps_of(target, seen[target.name]) for target in view.targets if target.name in seen}


def _summary(view: StackState, changes: dict[str, tuple[Step, ...]]) -> str:
    refused = sum(any(step.verb == "refuse" for step in items) for items in changes.values())
    parts = [f"{counted(len(changes) - refused, 'key')} would change"]
    if refused:
        parts.append(f"{refused} would be left alone until a person decides")
    same = len(view.targets) - len(changes) - len(view.observation.failures)
    if same > 0:
        parts.append(f"{same} {'is' if same == 1 else 'are'} as declared")
    return ", ".join(parts)
