"""What of a file's keys is on AWS already, asked of AWS or of a snapshot that `keywright scan` has made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from keywright._internal.export.existing import Existing
    from keywright._internal.model.stack import Stack

From = Annotated[
    Path | None, typer.Option("--from", help="With --import: a snapshot of `keywright scan`, in place of AWS.")
]


def existing_keys(stack: Stack, profile: str | None, region: str | None) -> dict[str, Existing]:
    """What AWS has of the keys, by their names; those that aren't there are left out.

    Raises:
        KeywrightError: AWS can't be read, or a key is pending deletion or several, so that another would be made.
    """
    from keywright._internal.export.existing import Existing
    from keywright._internal.lifecycle.grants import granted
    from keywright._internal.lifecycle.outputs import outputs_of
    from keywright._internal.lifecycle.session import Session

    view = Session((), profile, region).at(stack)
    for error in view.failures.values():
        raise error
    found: dict[str, Existing] = {}
    for target in view.targets:
        state = view.observation.states[target.name]
        if state.live or state.pending:
            outputs = outputs_of(target, state)
            aliases = tuple(arn.rpartition(":")[2] for arn in outputs["alias_arns"])
            replicas = tuple(item for item in outputs["replica_key_arns"] if item in target.key.replica_regions)
            grants = granted(target, state.live[0])
            found[target.name] = Existing(outputs["key_id"], aliases, replicas, grants)
    return found


def scanned_keys(stack: Stack, snapshot: Path, region: str | None) -> dict[str, Existing]:
    """The same from a snapshot.

    Args:
        stack: the declared keys.
        snapshot: its file.
        region: of keys that name none.

    Raises:
        UnreadableFile: the file is no snapshot.
        InputError: a key is pending deletion, or several live ones have one identity.
    """
    from keywright._internal.estate.estate_file import EstateFile
    from keywright._internal.export.existing import Existing
    from keywright._internal.lifecycle.target import KEY_TAG, STACK_TAG
    from keywright.errors import InputError

    found: dict[str, Existing] = {}
    replicas: dict[str, list[str]] = {}
    pending: dict[str, str] = {}
    with EstateFile.read(snapshot) as estate:
        for item in estate.keys():  # noqa: SIM118 - a snapshot is no mapping
            name = item.tags.get(KEY_TAG, "")
            if item.tags.get(STACK_TAG) != stack.name or name not in stack.keys:
                continue
            if item.pending_deletion:
                pending[name] = item.arn
                continue
            key, there = stack.keys[name], item.location.region
            if there != (key.region or region):
                replicas.setdefault(name, []).append(there)
                continue
            if name in found:
                raise InputError(f"several live keys of `{snapshot}` are `{name}`", "see `keywright plan`")
            aliases = tuple(alias for alias in key.aliases if alias in item.aliases)
            found[name] = Existing(item.location.key_id or "", aliases)
    for name, arn in pending.items():
        if name not in found:
            raise InputError(
                f"the key `{name}` is pending deletion: {arn}", f"run `keywright restore FILE --key {name}`"
            )
    return {
        name: replace(
            item, replica_regions=tuple(sorted(set(replicas.get(name, ())) & set(stack.keys[name].replica_regions)))
        )
        for name, item in found.items()
    }
