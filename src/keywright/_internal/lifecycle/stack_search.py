"""Looks for a stack's keys in every Region of the partition, before keys of these names are made a second time.

A file whose Region has changed, or which names none and is used in another environment, would otherwise make a second
stack unannounced. One bulk call a Region, in parallel, and only where a key would be created.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from keywright._internal.aws import AwsError, Cloud, Patience
from keywright._internal.facts.offerings import partition_of_region
from keywright._internal.lifecycle.key_state import PENDING
from keywright._internal.lifecycle.parallel import on_each
from keywright._internal.lifecycle.target import DUPLICATE_TAG, KEY_TAG, STACK_TAG, Target
from keywright._internal.model.key_location import KeyLocation

_PATIENCE_IN_SECONDS = 3.0
"""For how long one Region is tried: many aren't enabled for an account, or closed by a policy of its organization."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Args:
        keys: the ARNs of live keys, by name.
        unsearched: the Regions that couldn't be searched, with why.
    """

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unsearched: Mapping[str, str] = field(default_factory=dict)


def search_stack(cloud: Cloud, missing: Iterable[Target], listed: Collection[KeyLocation]) -> Found:
    """Live keys with the names of keys that would be created.

    Args:
        cloud: AWS.
        missing: the keys that would be created.
        listed: the places where they have been looked for already.
    """
    wanted = tuple(missing)
    by_name = {item.name: item for item in wanted}
    places = {
        place: item
        for item in wanted
        for region, partition in partition_of_region().items()
        if partition == item.location.partition and (place := item.location_in(region)) not in listed
    }

    def look(entry: tuple[KeyLocation, Target]) -> tuple[KeyLocation, dict[str, list[str]] | AwsError]:
        place, target = entry
        patience = Patience(_PATIENCE_IN_SECONDS)
        service = cloud.keys(place.region, target.key.assume_role_arn, patience=patience)
        found: dict[str, list[str]] = {}
        try:
            for item in service.tagged_keys({STACK_TAG: target.stack}):
                sought = by_name.get(item.tags.get(KEY_TAG, ""))
                if sought is None or DUPLICATE_TAG in item.tags:
                    continue
                metadata = service.describe(item.arn)
                # A replica is its primary's, which is found too: that is the key to name.
                of_another = metadata.multi_region_type == "REPLICA" and not sought.key.replica_primary_key_arn
                if metadata.state not in PENDING and not of_another:
                    found.setdefault(sought.name, []).append(item.arn)
        except AwsError as error:
            return place, error
        return place, found

    keys: dict[str, list[str]] = {}
    unsearched: dict[str, str] = {}
    for place, answer in on_each(list(places.items()), look):
        if isinstance(answer, AwsError):
            unsearched[place.region] = answer.code or answer.message
        else:
            for name, arns in answer.items():
                keys.setdefault(name, []).extend(arns)
    return Found({name: tuple(sorted(arns)) for name, arns in keys.items()}, unsearched)
