"""What AWS answered, as the JSON of a snapshot's columns and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from keywright._internal.aws import Grant, KeyMetadata, LastUsage, RotationStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

_TIMES = frozenset({"creation_date", "deletion_date", "material_expires", "created", "used_at", "tracked_since"})
_TUPLES = frozenset(
    {
        "replica_arns",
        "signing_algorithms",
        "encryption_algorithms",
        "mac_algorithms",
        "key_agreement_algorithms",
        "operations",
    }
)


def encode(value: KeyMetadata | RotationStatus | LastUsage | Mapping[str, str] | Iterable[Grant] | None) -> str | None:
    """A column's JSON."""
    if value is None:
        return None
    if isinstance(value, KeyMetadata | RotationStatus | LastUsage):
        return json.dumps(value, default=_plain, separators=(",", ":"))
    listed = dict(value) if isinstance(value, Mapping) else list(value)
    return json.dumps(listed, default=_plain, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, MappingProxyType):
        return dict(value)
    return {item.name: getattr(value, item.name) for item in fields(value)}


def moment(value: datetime) -> str:
    """A time as a snapshot holds it."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds")


def metadata_of(text: str | None) -> KeyMetadata | None:
    """DescribeKey's answer."""
    return None if text is None else _made(KeyMetadata, json.loads(text))


def rotation_of(text: str | None) -> RotationStatus | None:
    """GetKeyRotationStatus's answer."""
    return None if text is None else _made(RotationStatus, json.loads(text))


def last_use_of(text: str | None) -> LastUsage | None:
    """GetKeyLastUsage's answer."""
    return None if text is None else _made(LastUsage, json.loads(text))


def grants_of(text: str | None) -> tuple[Grant, ...]:
    """ListGrants' answer."""
    return () if text is None else tuple(_made(Grant, item) for item in json.loads(text))


def tags_of(text: str | None) -> Mapping[str, str]:
    """ListResourceTags' answer."""
    return MappingProxyType({} if text is None else json.loads(text))


def _made(kind: type[T], document: Mapping[str, Any]) -> T:
    return kind(**{name: _value(name, value) for name, value in document.items()})


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _TIMES:
        return datetime.fromisoformat(value)
    if name in _TUPLES:
        return tuple(value)
    return MappingProxyType(value) if isinstance(value, dict) else value


def what_is_wrong(error: Exception) -> str:
    """Why a document that somebody gave isn't what was asked for, from the exception of reading it."""
    if isinstance(error, KeyError):
        return f"`{error.args[0]}` is missing"
    return str(error) if isinstance(error, ValueError) else "it has another shape"
