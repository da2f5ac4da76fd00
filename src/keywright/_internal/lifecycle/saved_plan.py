"""A plan in a file: what was declared, what AWS showed and what would be done, so that a stale one is noticed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from keywright._internal.lifecycle.key_state import KeyState
from keywright._internal.lifecycle.planning import Step, plan
from keywright._internal.lifecycle.target import Target
from keywright._internal.model.key import Key
from keywright._internal.model.stack import Stack
from keywright.errors import InputError

FORMAT = "keywright-plan"
VERSION = 1


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan as it was saved.

    Args:
        stack: the declared keys.
        file: the file they were declared in, for commands shown to people.
        only: the one key that was planned, if one was named.
        region: the default Region that was in use.
        seen: by key: the account, and the digest of what AWS showed.
        steps: by key: the steps, as `--json` shows them.
    """

    stack: Stack
    file: str
    only: str | None
    region: str | None
    seen: Mapping[str, Mapping[str, str]]
    steps: Mapping[str, list[dict[str, Any]]]


def save(
    path: Path,
    stack: Stack,
    file: str,
    only: str | None,
    region: str | None,
    planned: Mapping[str, tuple[Target, KeyState, tuple[Step, ...]]],
) -> None:
    """Write a plan, whole or not at all.

    Raises:
        InputError: the file can't be written.
    """
    document = {
        "format": FORMAT,
        "version": VERSION,
        "file": file,
        "only": only,
        "region": region,
        "stack": stack.name,
        "claims": list(stack.claims),
        "keys": {name: key.model_dump(mode="json", exclude_unset=True) for name, key in stack.keys.items()},
        "seen": {
            name: {"account": target.location.account, "digest": observed.digest()}
            for name, (target, observed, _) in planned.items()
        },
        "steps": {name: [step.as_document() for step in steps] for name, (_, _, steps) in planned.items()},
    }
    _write(path, json.dumps(document, indent=2) + "\n")


def check_writable(path: Path) -> None:
    """Refuse a path that `save` couldn't write, before anything is asked of AWS.

    Raises:
        InputError: it can't be written.
    """
    folder = path.parent
    if path.is_dir():
        raise InputError(f"cannot write `{path}`: it is a folder", "name a file")
    if not folder.is_dir():
        raise InputError(f"cannot write `{path}`: there is no folder `{folder}`", "make it first")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise InputError(f"cannot write `{path}`: permission denied", "choose a file that you may write")


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
        raise InputError(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}") from error


def load(path: Path) -> SavedPlan | None:
    """Read a saved plan; None if the file isn't one, but perhaps a file of keys.

    Raises:
        InputError: it is a plan, and can't be used.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None  # whoever reads it as a file of keys reports that
    if not text.lstrip().startswith("{") or FORMAT not in text[:200]:
        return None
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            return None
        if document["version"] != VERSION:
            raise InputError(
                f"`{path}` is a plan of another version of Keywright", "save it again with `keywright plan --out`"
            )
        keys = {name: Key.model_validate(value) for name, value in document["keys"].items()}
        stack = Stack.model_construct(name=document["stack"], keys=keys, claims=tuple(document["claims"]))
        return SavedPlan(
            stack, document["file"], document["only"], document["region"], document["seen"], document["steps"]
        )
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise InputError(
            f"`{path}` is a plan that has been damaged", "save it again with `keywright plan --out`"
        ) from error


def check_current(saved: SavedPlan, targets: Mapping[str, Target], observed: Mapping[str, KeyState]) -> None:
    """Refuse a plan that no longer fits what AWS shows.

    Raises:
        InputError: naming every key that has moved.
    """
    moved: list[str] = []
    for name, seen in saved.seen.items():
        target, now = targets.get(name), observed.get(name)
        if target is None or now is None:
            moved.append(f"`{name}` can't be read now")
        elif target.location.account != seen["account"]:
            moved.append(f"`{name}` was planned in account {seen['account']}, not {target.location.account}")
        elif now.digest() != seen["digest"]:
            moved.append(f"`{name}` has changed on AWS since")
        elif [step.as_document() for step in plan(target, now)] != saved.steps[name]:
            moved.append(f"`{name}` would be planned otherwise now")
    if moved:
        raise InputError(
            "the saved plan is stale, and nothing was changed: " + "; ".join(moved),
            f"look at what moved, then plan again: keywright plan {saved.file} --out PLAN",
        )
