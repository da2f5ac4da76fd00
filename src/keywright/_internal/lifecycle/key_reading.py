"""Reads one key: its tags where a listing doesn't tell them, its description, policy, rotation and grants."""

from __future__ import annotations

from collections.abc import Mapping

from keywright._internal.aws import AccessDenied, Cloud, Grant, KeyService
from keywright._internal.lifecycle.key_state import KeyState, LiveKey
from keywright._internal.lifecycle.target import GRANTS_TAG, KEY_TAG, STACK_TAG, Target
from keywright._internal.lifecycle.waiting import NotVisibleYet, Waits
from keywright._internal.model.key_location import KeyLocation

_LISTED_IN_SECONDS = 5.0
"""How long a key that a listing names may not be found before it counts as deleted."""


def read_listed(
    cloud: Cloud, target: Target, arn: str, listed: Mapping[str, str] | None, *, fresh_tags: bool
) -> LiveKey | None:
    """A key of the target, or its replica, that a listing names; None for one that isn't the target's, or is gone.

    Args:
        cloud: AWS.
        target: whose it is.
        arn: its ARN.
        listed: its tags in the listing.
        fresh_tags: whether its tags are read from KMS all the same, and its grants.
    """
    service = target.service(cloud, KeyLocation.of_arn(arn).region)
    tags = None if fresh_tags else listed
    try:
        return Waits(_LISTED_IN_SECONDS).visible(lambda: read_key(service, target, arn, tags, every_grant=fresh_tags))
    except NotVisibleYet:
        return None  # deleted, and still in a listing


def read_key(
    service: KeyService, target: Target, arn: str, listed: Mapping[str, str] | None, *, every_grant: bool = False
) -> LiveKey | None:
    """A key of the target; None if it doesn't carry the target's identity.

    Raises:
        NotFound: if it is gone, or not visible yet.
    """
    tags = listed if listed is not None and listed == target.tags_in(service.region) else service.tags(arn)
    if not is_of(target, tags):
        return None
    metadata = service.describe(arn)
    policy = service.policy(arn)
    own_region = metadata.region == target.location.region
    rotates = metadata.spec == "SYMMETRIC_DEFAULT" and metadata.origin == "AWS_KMS" and target.rotates is not None
    rotation = service.rotation(arn) if rotates and own_region else None
    needed = own_region and bool(target.key.grants or GRANTS_TAG in tags)
    grants = _grants(service, arn, needed=needed) if needed or every_grant else None
    return LiveKey(metadata, policy, tags, rotation, grants)


def observed_again(cloud: Cloud, target: Target, before: KeyState) -> KeyState:
    """The live keys of an earlier observation, without any listing; aliases aren't looked at.

    Raises:
        NotFound: if one of them isn't visible.
    """
    keys = tuple(
        item
        for arn in (known.metadata.arn for known in before.live)
        if (item := read_key(target.service(cloud), target, arn, None)) is not None
    )
    replicas: dict[str, LiveKey] = {}
    for key in keys:
        for arn in sorted({*family_of(key), *(known.metadata.arn for known in before.replicas.values())}):
            region = KeyLocation.of_arn(arn).region
            if region in target.key.replica_regions:
                replica = read_key(target.service(cloud, region), target, arn, None)
                if replica is not None:
                    replicas[region] = replica
    return KeyState(keys, replicas)


def _grants(service: KeyService, arn: str, *, needed: bool) -> tuple[Grant, ...] | None:
    """All grants on a key; None if the caller may not list them and nothing depends on it."""
    try:
        return service.grants(arn)
    except AccessDenied:
        if needed:
            raise
        return None


def is_of(target: Target, tags: Mapping[str, str]) -> bool:
    """Whether a key with these tags is the target's."""
    return tags.get(STACK_TAG) == target.stack and tags.get(KEY_TAG) == target.name


def family_of(key: LiveKey) -> tuple[str, ...]:
    """The other keys of a multi-Region key's family."""
    metadata = key.metadata
    members = {*metadata.replica_arns, *((metadata.primary_arn,) if metadata.primary_arn else ())}
    return tuple(sorted(members - {metadata.arn}))
