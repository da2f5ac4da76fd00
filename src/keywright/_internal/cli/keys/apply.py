"""`keywright apply`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from keywright._internal.cli.keys.options import AsJson, FileOrPlan, OnlyKey, Profile, Region, Yes
from keywright.errors import InputError, KeywrightError

if TYPE_CHECKING:
    from keywright._internal.cli.keys.session import Session, StackState
    from keywright._internal.lifecycle.saved_plan import SavedPlan


def apply(
    file: FileOrPlan,
    key: OnlyKey = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Make AWS match the file, or carry out a saved plan. Run it again after an interruption."""
    from keywright._internal.cli.keys import render as showing
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.cli.keys.session import Session
    from keywright._internal.lifecycle.apply import apply as carry_out
    from keywright._internal.lifecycle.saved_plan import load

    saved = load(file)
    if saved is not None and key is not None:
        raise InputError("a saved plan is applied whole", "leave out --key, or plan again with it")
    looking = Session(saved.only if saved else key, profile, region or (saved.region if saved else None))
    progress = Progress()
    with interruptible(looking.waits, progress, as_json=as_json):
        view = _look(looking, file, saved)
        _refuse_refuted(view)
        view = _ask(view, file) if not yes and saved is None and sys.stdin.isatty() else view
        with progress:
            outcomes = carry_out(view.cloud, view.targets, view.observation, progress, view.waits)
    if not as_json:
        showing.show_notes(view)
    showing.finish(showing.add_unlocated(outcomes, view), as_json, verb="done")


def _look(looking: Session, file: Path, saved: SavedPlan | None) -> StackState:
    from keywright._internal.lifecycle.saved_plan import check_current

    if saved is None:
        return looking.at_file(file, settled=True)
    view = looking.at(saved.stack)
    check_current(saved, {item.name: item for item in view.targets}, view.observation.observed)
    return view


def _refuse_refuted(view: StackState) -> None:
    """Nothing at all is written while a claim is refuted on a policy of any key that would change."""
    from keywright._internal.cli.keys.plan import planned
    from keywright._internal.lifecycle.claims import prove_all, refuse_refuted

    steps = planned(view)
    refuse_refuted(prove_all(target for target in view.targets if steps.get(target.name)))


def _ask(view: StackState, file: Path) -> StackState:
    """Show the plan and ask; then read AWS again, for somebody may have changed it meanwhile."""
    from keywright._internal.cli.keys import render as showing
    from keywright._internal.cli.keys.plan import planned

    steps = planned(view)
    if not any(steps.values()):
        return view
    showing.show_steps(steps, view, err=True)
    typer.confirm("Do this?", abort=True, err=True)
    now = view.again()
    moved = [
        name
        for name, seen in view.observation.observed.items()
        if name not in now.observation.observed or now.observation.observed[name].digest() != seen.digest()
    ]
    if moved:
        raise KeywrightError(
            "AWS has changed while you were reading, and nothing was done: " + ", ".join(f"`{name}`" for name in moved),
            f"run `keywright plan {file}` again and look at what it shows",
        )
    return now
