"""Keys of a stack that its file no longer has: named for a person, never touched."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from keywright._internal.aws import AccessDenied, Cloud, NotFound
from keywright._internal.lifecycle.discovery import Listing
from keywright._internal.lifecycle.parallel import on_each
from keywright._internal.lifecycle.target import DUPLICATE_TAG, KEY_TAG, Place


@dataclass(frozen=True, slots=True)
class Stray:
    """A live key of the stack that the file doesn't declare, or not there. Leaving a key out never deletes it."""

    name: str
    arn: str
    state: str

    @property
    def words(self) -> str:
        """For people."""
        return f"{self.arn} ({self.state}) carries the name `{self.name}` of this stack, and the file doesn't have it"

    def as_document(self) -> dict[str, Any]:
        """For `--json`."""
        return {"name": self.name, "arn": self.arn, "state": self.state}


def find_strays(cloud: Cloud, listings: Mapping[Place, Listing], declared: Collection[str]) -> tuple[Stray, ...]:
    """The live keys of a stack, in the places that were listed, whose names the file doesn't have."""
    found = [
        (place, arn, tags[KEY_TAG])
        for place, listing in listings.items()
        for arn, tags in sorted(listing.stack.items())
        if KEY_TAG in tags and tags[KEY_TAG] not in declared and DUPLICATE_TAG not in tags
    ]

    def look(item: tuple[Place, str, str]) -> Stray | None:
        place, arn, name = item
        try:
            metadata = cloud.keys(place.region, place.role_arn).describe(arn)
        except NotFound:
            return None
        except AccessDenied:
            return Stray(name, arn, "state unknown: you may not look")
        return None if metadata.state.startswith("Pending") else Stray(name, arn, metadata.state)

    return tuple(item for item in on_each(found, look) if item is not None)
