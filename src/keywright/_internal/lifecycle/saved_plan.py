"""A plan in a file: what was declared, what AWS showed and what would be done, so that a stale one is noticed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keywright._internal.input_file import read_text
from keywright._internal.lifecycle.steps import KeyPlan, Plan, Step
from keywright._internal.model.key import Key
from keywright._internal.model.stack import Stack
from keywright.errors import InvalidPlan, StalePlan, UnreadableFile, UnwritableFile

FORMAT = "keywright-plan"
VERSION = 2


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan as it was saved.

    Args:
        stack: the declared keys.
        file: the file they were declared in, for commands shown to people.
        only: the keys that were planned, if they were named.
        region: the default Region that was in use.
        keys: what was planned, by key.
    """

    stack: Stack
    file: str
    only: tuple[str, ...]
    region: str | None
    keys: Mapping[str, SavedKeyPlan]


@dataclass(frozen=True, slots=True)
class SavedKeyPlan:
    """What was planned for one key.

    Args:
        account: where it lives, or will.
        key_id: its ID; None if it was to be created.
        steps: the steps, with their values.
    """

    account: str
    key_id: str | None
    steps: tuple[Step, ...]

    def as_document(self) -> dict[str, Any]:
        """As the file holds it."""
        return {
            "account": self.account,
            "key_id": self.key_id,
            "steps": [step.as_document() for step in self.steps],
        }


def save(path: Path, plan: Plan, stack: Stack, *, file: str, only: Iterable[str], region: str | None) -> None:
    """Write a plan, whole or not at all.

    Args:
        path: where.
        plan: what to do.
        stack: the declared keys.
        file: the file they were declared in.
        only: the keys that were named; empty for all.
        region: the default Region that was in use.

    Raises:
        UnwritableFile: the file can't be written.
    """
    document = {
        "format": FORMAT,
        "format_version": VERSION,
        "file": file,
        "only": list(only),
        "region": region,
        "stack": stack.name,
        "claims": list(stack.claims),
        "declared": {name: key.model_dump(mode="json", exclude_unset=True) for name, key in stack.keys.items()},
        "keys": {item.name: as_saved(item).as_document() for item in plan.keys},
    }
    _write(path, json.dumps(document, indent=2) + "\n")


def check_writable(path: Path) -> None:
    """Refuse a path that `save` couldn't write, before anything is asked of AWS.

    Raises:
        UnwritableFile: it can't be written.
    """
    folder = path.parent
    if path.is_dir():
        raise UnwritableFile(f"cannot write `{path}`: it is a folder", "name a file")
    if not folder.is_dir():
        raise UnwritableFile(f"cannot write `{path}`: there is no folder `{folder}`", "make it first")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise UnwritableFile(f"cannot write `{path}`: permission denied", "choose a file that you may write")


def _write(path: Path, text: str) -> None:
    check_writable(path)
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(text)
        temporary.replace(path)
    except OSError as error:
        raise UnwritableFile(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}") from error


def load(path: Path) -> SavedPlan | None:
    """Read a saved plan; None if the file isn't one, but perhaps a keys file.

    Raises:
        InvalidPlan: it is a plan, and can't be used.
    """
    try:
        text = read_text(path)
    except UnreadableFile:
        return None  # whoever reads it as a keys file reports that
    if not text.lstrip().startswith("{") or FORMAT not in text[:200]:
        return None
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            return None
        if document.get("format_version") != VERSION:
            raise InvalidPlan(
                f"`{path}` is a plan of another version of Keywright", "save it again with `keywright plan --out`"
            )
        declared = {name: Key.model_validate(value) for name, value in document["declared"].items()}
        stack = Stack(name=document["stack"], keys=declared, claims=tuple(document["claims"]))
        keys = {
            name: SavedKeyPlan(item["account"], item["key_id"], tuple(map(Step.from_document, item["steps"])))
            for name, item in document["keys"].items()
        }
        return SavedPlan(stack, document["file"], tuple(document["only"]), document["region"], keys)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidPlan(
            f"`{path}` is a plan that has been damaged", "save it again with `keywright plan --out`"
        ) from error


def as_saved(item: KeyPlan) -> SavedKeyPlan:
    """What is kept of the plan of a key."""
    return SavedKeyPlan(item.target.location.account, item.state.key_id, item.steps)


def still_to_do(saved: SavedPlan, now: Plan) -> Plan:
    """The saved steps that AWS doesn't show yet: all, or the rest where the plan was interrupted or failed in part.

    Args:
        saved: the plan.
        now: what would be planned now. Each of its steps is one of the saved plan, or somebody else has changed
            something since.

    Raises:
        StalePlan: naming every key that has moved.
    """
    current = {item.name: item for item in now.keys}
    moved: list[str] = []
    left: list[KeyPlan] = []
    for name, planned in saved.keys.items():
        item = current.get(name)
        reason = moved_since(planned, item)
        if item is None or reason:
            moved.append(f"`{name}` {reason}")
        else:
            needed = {step.change for step in item.steps}
            steps = tuple(step for step in planned.steps if step.change in needed)
            left.append(KeyPlan(item.target, item.state, steps))
    if moved:
        raise StalePlan(
            "the saved plan is stale, and nothing was changed: " + "; ".join(moved),
            f"look at what moved, then plan again: keywright plan {saved.file} --out PLAN",
        )
    return Plan(tuple(left))


def moved_since(planned: SavedKeyPlan, now: KeyPlan | None) -> str:
    """Why the plan of a key doesn't fit what AWS shows any more; empty if it does."""
    if now is None:
        return "can't be read now"
    if now.target.location.account != planned.account:
        return f"was planned in account {planned.account}, not {now.target.location.account}"
    if planned.key_id is not None and now.state.key_id != planned.key_id:
        return f"is another key now than {planned.key_id}"
    foreign = {step.change for step in now.steps} - {step.change for step in planned.steps}
    if foreign:
        needed = "; ".join(step.summary for step in now.steps if step.change in foreign)
        return f"has changed on AWS since, and would be planned otherwise now: {needed}"
    return ""
