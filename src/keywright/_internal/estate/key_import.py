"""Keys from AWS's own JSON into a snapshot: what DescribeKey, GetKeyPolicy, ListGrants and ListResourceTags answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.aws import AliasEntry
from keywright._internal.aws.reading import key_metadata, listed_grant
from keywright._internal.estate.encoding import what_is_wrong
from keywright._internal.estate.snapshot import NotRead, ScannedKey
from keywright._internal.model.key_location import KeyLocation
from keywright.errors import InputError

if TYPE_CHECKING:
    from keywright._internal.estate.estate_file import EstateFile

_TIMES: Final = frozenset({"CreationDate", "DeletionDate", "ValidTo"})
_NOT_GIVEN: Final = "the imported file does not have it"


def keys_of(documents: Sequence[Mapping[str, Any]]) -> list[ScannedKey]:
    """The keys of documents.

    Each has `KeyMetadata` as DescribeKey shows it, `Policy` (the text), `Grants`, `Tags` and `Aliases` (names). What is
    left out counts as not read.

    Raises:
        InputError: a document isn't understood.
    """
    try:
        return [_key(item) for item in documents]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(f"this is no list of keys: {what_is_wrong(error)}", "docs/access.md shows one") from error


def put_keys(estate: EstateFile, keys: Iterable[ScannedKey]) -> None:
    """Add keys to a snapshot."""
    places: dict[tuple[str, str, str], list[ScannedKey]] = {}
    for key in keys:
        place = (key.location.partition, key.location.account, key.location.region)
        places.setdefault(place, []).append(key)
    for (partition, account, region), inside in places.items():
        estate.put_account(account, "", partition, None)
        aliases = [
            AliasEntry(name, f"arn:{partition}:kms:{region}:{account}:{name}", key.location.key_id)
            for key in inside
            for name in key.aliases
        ]
        estate.put_listing(KeyLocation(partition, account, region), [key.arn for key in inside], aliases)
        for key in inside:
            estate.put_key(key, [NotRead(account, region, key.arn, name, _NOT_GIVEN) for name in sorted(key.missing)])
        estate.put_account_done(account)


def _key(document: Mapping[str, Any]) -> ScannedKey:
    metadata = key_metadata(_with_times(document["KeyMetadata"]))
    tags, grants, policy = document.get("Tags"), document.get("Grants"), document.get("Policy")
    read = {"GetKeyPolicy": policy, "ListResourceTags": tags, "ListGrants": grants}
    return ScannedKey(
        KeyLocation.of_arn(metadata.arn),
        tuple(document.get("Aliases", ())),
        metadata,
        policy,
        tags={item["TagKey"]: item["TagValue"] for item in tags or ()},
        grants=tuple(listed_grant(_with_times(item)) for item in grants or ()),
        missing=frozenset(name for name, value in read.items() if value is None),
    )


def _with_times(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document with its times as boto3 has them; the AWS CLI prints them as text or as seconds."""
    found = dict(document)
    for name in _TIMES & found.keys():
        value = found[name]
        if isinstance(value, str):
            found[name] = datetime.fromisoformat(value)
        elif isinstance(value, int | float):
            found[name] = datetime.fromtimestamp(value, UTC)
    return found
