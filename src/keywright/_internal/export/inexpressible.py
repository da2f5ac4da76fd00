"""What of a keys file CloudFormation can't express, each at its field; nothing of it is left out silently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from keywright._internal.model.key import Key
from keywright.errors import Problem


class LeftOut(StrEnum):
    """What may be left out where a person asks for it, by its field."""

    GRANTS = "grants"
    REPLICA_REGIONS = "replica_regions"


_DYNAMIC_REFERENCE: Final = "{{resolve:"
_OWN: Final = frozenset({"claims", "waive"})
"""Keywright's own: what it checks before a change, and no part of a key on AWS."""


def left_out_of(key: Key, wanted: Sequence[LeftOut]) -> tuple[LeftOut, ...]:
    """Those fields of the key that are left out."""
    return tuple(field for field in wanted if getattr(key, field))


def without(key: Key, fields: Sequence[LeftOut]) -> Key:
    """The key without some fields."""
    empty: dict[LeftOut, object] = {LeftOut.GRANTS: (), LeftOut.REPLICA_REGIONS: {}}
    return key.model_copy(update={field.value: empty[field] for field in fields}) if fields else key


def inexpressible(name: str, key: Key) -> Iterator[Problem]:
    """What keeps a key from being a resource of a template."""
    root = ("keys", name)
    if key.grants:
        yield Problem(
            (*root, "grants"),
            "can't be in a template: CloudFormation has no resource for a grant",
            "write the template without them by `--leave-out grants`, or keep the key with `keywright apply`",
        )
    declared = key.model_dump(exclude_defaults=True, exclude=set(_OWN))
    for path, text in _texts(declared, root):
        if _DYNAMIC_REFERENCE in text:
            yield Problem(
                path,
                "holds `{{resolve:`, which CloudFormation replaces and can't be told to keep",
                "write the text without it",
                text[:80],
            )


def _texts(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, member in value.items():
            yield from _texts(str(name), path)
            yield from _texts(member, (*path, str(name)))
    elif isinstance(value, Sequence):
        for number, element in enumerate(value):
            yield from _texts(element, (*path, number))
