"""The rules that join the keys of one stack, and what Keywright's own tags ask of theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from keywright._internal.model.key import Key
from keywright._internal.model.key_home import stated_account
from keywright._internal.model.values import MAX_TAGS

TAG_PREFIX = "keywright:"
"""What the names of Keywright's own tags begin with."""

OWN_TAGS = 3
"""How many of the fifty tags that KMS takes are Keywright's: two by which it finds a key again, and one that it marks
the loser of a race with."""


@dataclass(frozen=True, slots=True)
class Clash:
    """What one key of a stack may not have: a path in the key, what is wrong and what to do."""

    key: str
    path: tuple[str | int, ...]
    message: str
    remedy: str
    value: str | None = None


def clashes(keys: Mapping[str, Key]) -> Iterator[Clash]:
    """What keeps the keys of one stack from standing beside each other."""
    yield from _tags_of_keywright(keys)
    yield from alias_clashes(keys)
    yield from _replicas_of_one_primary(keys)


def alias_clashes(keys: Mapping[str, Key]) -> Iterator[Clash]:
    """Aliases that two keys of one account and Region claim.

    A key that names no account or no Region is held against others that name none: where both turn out to be in
    one place, only the credentials tell.
    """
    holders: dict[tuple[str | None, str | None, str], str] = {}
    for name, key in keys.items():
        for index, alias in enumerate(key.aliases):
            first = holders.setdefault((stated_account(key), key.region, alias), name)
            if first != name:
                yield Clash(
                    name,
                    ("aliases", index),
                    f"is also an alias of the key `{first}`",
                    "an alias names one key in an account and Region; rename one of them",
                    alias,
                )


def _replicas_of_one_primary(keys: Mapping[str, Key]) -> Iterator[Clash]:
    holders: dict[tuple[str, str | None], str] = {}
    for name, key in keys.items():
        if key.replica_primary_key_arn is None:
            continue
        for region in (key.region, *key.replica_regions):
            first = holders.setdefault((key.replica_primary_key_arn, region), name)
            if first != name:
                own = region == key.region
                yield Clash(
                    name,
                    ("replica_primary_key_arn",) if own else ("replica_regions", str(region)),
                    f"is replicated into {region} by the key `{first}` too",
                    "a Region holds one replica of a primary; remove one of them",
                )


def _tags_of_keywright(keys: Mapping[str, Key]) -> Iterator[Clash]:
    most = MAX_TAGS - OWN_TAGS
    for name, key in keys.items():
        if len(key.tags) > most:
            message = f"holds {len(key.tags)} tags; KMS takes {MAX_TAGS}, of which Keywright needs {OWN_TAGS}"
            yield Clash(name, ("tags",), message, f"keep {most} of them")
        for tag in key.tags:
            if tag.lower().startswith(TAG_PREFIX):
                message = f"begins with `{TAG_PREFIX}`, as the tags do by which Keywright finds a key again"
                yield Clash(name, ("tags", tag), message, "choose another name")
