"""Keys of a stack that its file no longer has: named for a person, never touched."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from keywright._internal.aws import AccessDenied, Cloud, NotFound
from keywright._internal.lifecycle.discovery import Listing
from keywright._internal.lifecycle.parallel import on_each
from keywright._internal.lifecycle.target import DUPLICATE_TAG, KEY_TAG
from keywright._internal.model.key_location import KeyLocation


@dataclass(frozen=True, slots=True)
class UndeclaredKey:
    """A live key of the stack that the file doesn't declare, or not there. Leaving a key out never deletes it."""

    name: str
    arn: str
    state: str

    @property
    def summary(self) -> str:
        """For people."""
        return f"{self.arn} ({self.state}) is `{self.name}` of this stack, which the configuration doesn't declare"

    def as_document(self) -> dict[str, Any]:
        """For `--json`."""
        return {"name": self.name, "arn": self.arn, "state": self.state}


def find_undeclared(
    cloud: Cloud,
    listings: Mapping[KeyLocation, Listing],
    roles: Mapping[str, str | None],
    declared: Collection[str],
) -> tuple[UndeclaredKey, ...]:
    """The live keys of a stack, in the places that were listed, whose names the file doesn't have.

    Args:
        cloud: AWS.
        listings: of the places.
        roles: for each account the role that reaches it.
        declared: the names that the file has.
    """
    found = [
        (place, arn, tags[KEY_TAG])
        for place, listing in listings.items()
        for arn, tags in sorted(listing.stack.items())
        if KEY_TAG in tags and tags[KEY_TAG] not in declared and DUPLICATE_TAG not in tags
    ]

    def look(item: tuple[KeyLocation, str, str]) -> UndeclaredKey | None:
        place, arn, name = item
        try:
            metadata = cloud.keys(place.region, roles[place.account]).describe(arn)
        except NotFound:
            return None
        except AccessDenied:
            return UndeclaredKey(name, arn, "state unknown: you may not look")
        return None if metadata.state.startswith("Pending") else UndeclaredKey(name, arn, metadata.state)

    return tuple(item for item in on_each(found, look) if item is not None)
