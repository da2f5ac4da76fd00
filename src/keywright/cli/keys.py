"""The commands that read and change keys on AWS."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright.errors import InputError

if TYPE_CHECKING:
    from keywright.aws import Cloud
    from keywright.lifecycle.application import Outcome
    from keywright.lifecycle.observation import Observed
    from keywright.lifecycle.target import Target

File = Annotated[Path, typer.Argument(help="A file of keys.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
OnlyKey = Annotated[str | None, typer.Option("--key", help="One key of the file.")]
Profile = Annotated[str | None, typer.Option(help="An AWS profile.")]
Region = Annotated[str | None, typer.Option(help="The Region of keys whose file names none.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@dataclass(frozen=True, slots=True)
class _View:
    """A stack as declared and as it stands on AWS."""

    cloud: Cloud
    targets: tuple[Target, ...]
    observed: Mapping[str, Observed]


def _look(file: Path, key: str | None, profile: str | None, region: str | None) -> _View:
    from keywright.aws import Cloud, Settings
    from keywright.lifecycle.observation import observe
    from keywright.lifecycle.target import targets
    from keywright.model.stack import load_stack

    stack = load_stack(file)
    cloud = Cloud(Settings(profile, region))
    first = next(iter(stack.keys.values())).region or cloud.default_region
    wanted = targets(stack, cloud.caller(region=first), cloud.default_region, key)
    return _View(cloud, wanted, observe(cloud, wanted))


def plan(
    file: File,
    key: OnlyKey = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
    detailed_exitcode: Annotated[bool, typer.Option(help="Exit 1 where something would change.")] = False,
) -> None:
    """Show what `apply` would do, and that nothing will happen where that is so."""
    changes = _changes(_look(file, key, profile, region))
    _show(changes, as_json)
    if detailed_exitcode and changes:
        raise typer.Exit(1)


def verify(
    file: File,
    key: OnlyKey = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Read AWS again and compare it with the file; exit 1 on any difference. Does not use the keys."""
    changes = _changes(_look(file, key, profile, region))
    _show(changes, as_json)
    typer.echo("cryptographic use was not tried: this release does not do that yet", err=True)
    if changes:
        raise typer.Exit(1)


def apply(
    file: File,
    key: OnlyKey = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Make AWS match the file. Run it again after an interruption."""
    from keywright.lifecycle.application import apply as carry_out

    view = _look(file, key, profile, region)
    changes = _changes(view)
    if changes and not yes and sys.stdin.isatty():
        _show(changes, as_json=False, err=True)
        typer.confirm("Do this?", abort=True, err=True)
    _finish(carry_out(view.cloud, view.targets, view.observed, _report), as_json)


def output(
    file: File,
    key: OnlyKey = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """The six outputs of each key."""
    view = _look(file, key, profile, region)
    document = {"keys": {item.name: _outputs(item, view.observed[item.name]) for item in view.targets}}
    if as_json:
        typer.echo(json.dumps(document))
        return
    for name, values in document["keys"].items():
        typer.echo(name)
        for field, value in values.items():
            typer.echo(f"  {field}: {json.dumps(value)}")


def destroy(
    file: File,
    key: OnlyKey = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
    yes: Yes = False,
) -> None:
    """Schedule the deletion of the keys; what they encrypted cannot be read until they are restored."""
    from keywright.lifecycle.deletion import destroy as carry_out

    if not yes and not sys.stdin.isatty():
        raise InputError("`destroy` asks before it does anything, and there is no terminal", "pass --yes")
    view = _look(file, key, profile, region)
    for name, item in view.observed.items():
        for live in item.live:
            typer.echo(f"{name}: everything encrypted or signed with {live.metadata.arn} stops working", err=True)
    if not yes:
        typer.confirm("Schedule their deletion?", abort=True, err=True)
    _finish(carry_out(view.cloud, view.targets, view.observed, _report), as_json)


def restore(
    file: File,
    key: OnlyKey = None,
    profile: Profile = None,
    region: Region = None,
    as_json: AsJson = False,
) -> None:
    """Cancel the deletion of the keys, enable them, and put their aliases back."""
    from keywright.lifecycle.deletion import restore as carry_out

    view = _look(file, key, profile, region)
    _finish(carry_out(view.cloud, view.targets, view.observed, _report), as_json)


def _changes(view: _View) -> dict[str, list[dict[str, str]]]:
    from keywright.lifecycle.planning import plan as steps_of

    found = {target.name: steps_of(target, view.observed[target.name]) for target in view.targets}
    return {
        name: [{"verb": step.verb, "region": step.region, "words": step.words} for step in steps]
        for name, steps in found.items()
        if steps
    }


def _show(changes: Mapping[str, list[dict[str, str]]], as_json: bool, err: bool = False) -> None:
    if as_json:
        typer.echo(json.dumps({"changes": changes}))
        return
    for name, steps in changes.items():
        typer.echo(name, err=err)
        for step in steps:
            typer.echo(f"  {step['words']}", err=err)
    if not changes:
        typer.echo("nothing to do: AWS matches the file", err=err)


def _outputs(target: Target, observed: Observed) -> dict[str, Any]:
    live = observed.live[0] if observed.live else None
    metadata = live.metadata if live else None
    prefix = metadata.arn.partition(":key/")[0] if metadata else ""
    names = [name for name in target.key.aliases if metadata and observed.aliases.get(name) == metadata.key_id]
    return {
        "key_id": metadata.key_id if metadata else None,
        "key_arn": metadata.arn if metadata else None,
        "primary_alias": names[0] if names else None,
        "alias_arns": [f"{prefix}:{name}" for name in names],
        "rotation_enabled": live.rotation.enabled if live and live.rotation else None,
        "replica_key_arns": {
            region: item.metadata.arn
            for region, item in sorted(observed.replicas.items())
            if metadata and not item.pending_deletion
        },
    }


def _report(words: str) -> None:
    typer.echo(words, err=True)


def _finish(outcomes: tuple[Outcome, ...], as_json: bool) -> None:
    failed = [item for item in outcomes if item.error]
    if as_json:
        document = {
            item.name: {"done": list(item.done), "error": str(item.error) if item.error else None} for item in outcomes
        }
        typer.echo(json.dumps({"keys": document}))
    else:
        typer.echo(f"{len(outcomes) - len(failed)} keys done, {len(failed)} not")
    if failed:
        raise typer.Exit(2)
