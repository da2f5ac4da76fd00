"""Names of adopted keys: what they are called already, else their alias, else their id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from keywright._internal.lifecycle.target import KEY_TAG, STACK_TAG

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright._internal.estate.snapshot import ScannedKey

_LONGEST: Final = 64
_NOT_IN_NAMES: Final = re.compile(r"[^a-zA-Z0-9_.-]+")


def names_of(keys: Iterable[ScannedKey], stack: str) -> dict[str, str]:
    """A name for each key's ARN, each once. The same keys get the same names, also when some are adopted already."""
    listed = sorted(keys, key=lambda key: (key.location.account, key.location.region, key.arn))
    found = {key.arn: key.tags[KEY_TAG] for key in listed if KEY_TAG in key.tags and key.tags.get(STACK_TAG) == stack}
    taken = set(found.values())
    wanted = {key.arn: _wanted(key) for key in listed}
    for key in listed:
        if key.arn in found:
            continue
        name = _free(wanted[key.arn], key, taken)
        found[key.arn] = name
        taken.add(name)
    return found


def _wanted(key: ScannedKey) -> str:
    if key.aliases:
        return _fitting(key.aliases[0].removeprefix("alias/"))
    return f"key-{_short_id(key)}"


def _free(name: str, key: ScannedKey, taken: set[str]) -> str:
    """The name, or with what tells the key from the one that has it."""
    ends = ("", f"-{key.location.region}", f"-{key.location.account}-{key.location.region}", f"-{_short_id(key)}")
    for end in ends:
        tried = f"{name[: _LONGEST - len(end)]}{end}"
        if tried not in taken:
            return tried
    return str(key.location.key_id)


def _fitting(text: str) -> str:
    """The text with what no name may hold made hyphens."""
    name = _NOT_IN_NAMES.sub("-", text).lstrip("_.-") or "key"
    return name[:_LONGEST]


def _short_id(key: ScannedKey) -> str:
    return (key.location.key_id or "").removeprefix("mrk-")[:8]
