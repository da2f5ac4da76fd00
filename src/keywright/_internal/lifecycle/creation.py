"""Making keys that aren't there. CreateKey is not idempotent: it is never sent again before looking."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from keywright._internal.aws import AlreadyExists, Cloud, KeyMetadata, KeyService, NotFound, OutcomeUnknown
from keywright._internal.lifecycle.key_state import PENDING
from keywright._internal.lifecycle.policy_writing import write_policy
from keywright._internal.lifecycle.steps import Step, Value
from keywright._internal.lifecycle.target import Target
from keywright._internal.lifecycle.waiting import NotVisibleYet, Waits
from keywright._internal.model.key_location import KeyLocation
from keywright.errors import KeywrightError

_LOOK_IN_SECONDS = 10.0
"""How long a key is looked for whose CreateKey got no answer: AWS says that changes usually show within a few
seconds. If it shows even later, `creation_race` finds it."""


def create_key(cloud: Cloud, target: Target, step: Step, known: Collection[str], waits: Waits) -> KeyMetadata:
    """Make a key as its step says. CreateKey is never sent again before looking.

    Args:
        cloud: AWS.
        target: the key.
        step: its creation.
        known: the ARNs of the keys that were there before.
        waits: how to wait.
    """
    service = target.service(cloud)
    after = _carried(step.after)

    def send() -> KeyMetadata:
        return service.create_key(
            spec=after["spec"],
            usage=after["usage"],
            description=after["description"],
            policy=after["policy"],
            tags=after["tags"],
            multi_region=after["multi_region"],
            bypass_policy_lockout_safety_check=after["bypass_policy_lockout_safety_check"],
        )

    ends = waits.clock() + waits.seconds
    while True:
        try:
            return write_policy(cloud, target, after["policy"], waits, send)
        except OutcomeUnknown:
            found = waits.until(
                lambda: _find(service, target, known),
                _looking(waits),
                what=f"the key that `{target.name}` may have made",
            )
            if found is not None:
                return found
            if waits.clock() > ends:
                raise


def _carried(value: Value) -> Mapping[str, Any]:
    """What a step says that CreateKey or ReplicateKey carries."""
    assert isinstance(value, Mapping), value  # noqa: S101 - a defect of the planner
    return value


def _looking(waits: Waits) -> float:
    """For how long to look for what a call without an answer may have made."""
    return min(_LOOK_IN_SECONDS, max(1.0, waits.seconds / 4))


def _find(service: KeyService, target: Target, known: Collection[str]) -> KeyMetadata | None:
    """A live key of the target's identity among those that weren't there before."""
    for arn in sorted(set(service.key_arns()) - set(known)):
        try:
            if target.identity.items() <= service.tags(arn).items():
                metadata = service.describe(arn)
                if metadata.state not in PENDING:
                    return metadata
        except KeywrightError:
            continue  # somebody else's, or not visible yet
    return None


def replicate_home(cloud: Cloud, target: Target, step: Step, waits: Waits) -> KeyMetadata:
    """Make the key itself as a replica of a primary declared elsewhere."""
    after = _carried(step.after)
    primary: str = after["replica_of"]
    metadata = target.service(cloud, KeyLocation.of_arn(primary).region).describe(primary)
    declared = (after["spec"], after["usage"])
    if (metadata.spec, metadata.usage) != declared:
        raise KeywrightError(
            f"the primary {primary} is a {metadata.spec} key for {metadata.usage}, and `{target.name}` is declared "
            f"as {declared[0]} for {declared[1]}",
            "a replica is what its primary is: write the primary's `customer_master_key_spec` and `key_usage`",
        )
    return replicate(cloud, target, metadata, target.location.region, after, waits)


def replicate(
    cloud: Cloud, target: Target, primary: KeyMetadata, region: str, carried: Value, waits: Waits
) -> KeyMetadata:
    """Make a replica, with its own policy and tags. ReplicateKey is never sent again before looking."""
    after = _carried(carried)
    service, there = target.service(cloud, primary.region), target.service(cloud, region)

    def send() -> KeyMetadata:
        return waits.visible(
            lambda: service.replicate_key(
                primary.key_id,
                replica_region=region,
                description=after["description"],
                policy=after["policy"],
                tags=after["tags"],
                bypass_policy_lockout_safety_check=after["bypass_policy_lockout_safety_check"],
            )
        )

    def look() -> KeyMetadata | None:
        try:
            return there.describe(primary.key_id)
        except NotFound:
            return None

    ends = waits.clock() + waits.seconds
    while True:
        try:
            return write_policy(cloud, target, after["policy"], waits, send)
        except (AlreadyExists, OutcomeUnknown) as error:
            taken = isinstance(error, AlreadyExists)
            found = waits.until(
                look, waits.seconds if taken else _looking(waits), what=f"the replica of {primary.key_id} in {region}"
            )
            if found is not None:
                return _ours(there, target, found, waits)
            if taken:
                raise NotVisibleYet(
                    f"{region} has a replica of {primary.key_id}, and KMS doesn't show it after "
                    f"{waits.seconds:.0f} seconds",
                    "run the same command again in a minute",
                ) from error
            if waits.clock() > ends:
                raise


def _ours(there: KeyService, target: Target, found: KeyMetadata, waits: Waits) -> KeyMetadata:
    """The replica that was there already, if it carries our identity."""
    if found.state in PENDING:
        raise KeywrightError(
            f"the replica {found.arn} is pending deletion, and AWS takes no other one there until then",
            f"run `keywright restore FILE --key {target.name}` to have it back",
        )
    tags = waits.visible(lambda: there.tags(found.arn))
    if not target.identity.items() <= tags.items():
        raise KeywrightError(
            f"{found.arn} is already the replica there, and isn't this key's",
            "choose another Region, or tag it with this key's identity to hand it over",
        )
    return found
