"""Making keys that aren't there. CreateKey is not idempotent: it is never sent again before looking."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from keywright._internal.aws import AlreadyExists, Cloud, KeyMetadata, KeyService, NotFound, OutcomeUnknown
from keywright._internal.lifecycle.creation_race import Made, settle
from keywright._internal.lifecycle.key_state import PENDING
from keywright._internal.lifecycle.parallel import on_each
from keywright._internal.lifecycle.reporting import Report
from keywright._internal.lifecycle.target import Place, Target
from keywright._internal.lifecycle.waiting import NotVisibleYet, Waits
from keywright._internal.lifecycle.writing import write_policy
from keywright.errors import KeywrightError

if TYPE_CHECKING:
    from types_boto3_kms.literals import KeySpecType

_LOOK_IN_SECONDS = 10.0
"""How long a key is looked for whose CreateKey got no answer: AWS says that changes usually show within a few
seconds. If it shows even later, `settle` finds it."""


@dataclass(frozen=True, slots=True)
class Creation:
    """How making one key went."""

    name: str
    metadata: KeyMetadata | None = None
    error: KeywrightError | None = None


def create_keys(
    cloud: Cloud, place: Place, targets: Iterable[Target], known: Collection[str], waits: Waits, report: Report
) -> dict[str, Creation]:
    """Make the keys of one place, and see to it that each name has one.

    Args:
        cloud: AWS.
        place: where.
        targets: the keys to make there.
        known: the ARNs of the keys that were there before.
        waits: how to wait.
        report: told of each key.
    """
    service = cloud.keys(place.region, place.role_arn)

    def make(target: Target) -> tuple[Target, Made | Creation]:
        try:
            if target.key.replica_primary_key_arn is not None:
                return target, Creation(target.name, replicate_home(cloud, target, waits))
            return target, Made(_create(cloud, service, target, known, waits), time.monotonic())
        except KeywrightError as error:
            return target, Creation(target.name, error=error)
        finally:
            report.advance()

    results = on_each(targets, make, waits)
    done = {target.name: item for target, item in results if isinstance(item, Creation)}
    made = {target.name: item for target, item in results if isinstance(item, Made)}
    if not made:
        return done
    try:
        kept = settle(cloud, place, results[0][0].stack, made, known, waits, report.say)
    except KeywrightError as error:
        return done | {name: Creation(name, error=error) for name in made}
    return done | {name: Creation(name, metadata) for name, metadata in kept.items()}


def _create(cloud: Cloud, service: KeyService, target: Target, known: Collection[str], waits: Waits) -> KeyMetadata:
    key = target.key

    def send() -> KeyMetadata:
        return service.create_key(
            spec=cast("KeySpecType", key.customer_master_key_spec),  # checked against botocore's list
            usage=key.key_usage,
            description=key.description,
            policy=target.policy,
            tags=target.tags,
            multi_region=key.multi_region,
            bypass_policy_lockout_safety_check=key.bypass_policy_lockout_safety_check,
        )

    ends = waits.clock() + waits.seconds
    while True:
        try:
            return write_policy(cloud, target, target.policy, waits, send)
        except OutcomeUnknown:
            found = waits.until(
                lambda: _find(service, target, known), min(_LOOK_IN_SECONDS, max(1.0, waits.seconds / 4))
            )
            if found is not None:
                return found
            if waits.clock() > ends:
                raise


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


def replicate_home(cloud: Cloud, target: Target, waits: Waits) -> KeyMetadata:
    """Make the key itself as a replica of a primary declared elsewhere."""
    primary = target.key.replica_primary_key_arn or ""
    where = primary.split(":")[3]
    service = cloud.keys(where, target.key.assume_role_arn)
    metadata = service.describe(primary)
    declared = (target.key.customer_master_key_spec, target.key.key_usage)
    if (metadata.spec, metadata.usage) != declared:
        raise KeywrightError(
            f"the primary {primary} is a {metadata.spec} key for {metadata.usage}, and `{target.name}` is declared "
            f"as {declared[0]} for {declared[1]}",
            "a replica is what its primary is: write the primary's `customer_master_key_spec` and `key_usage`",
        )
    return replicate(
        cloud, target, metadata, target.location.region, target.key.description, target.policy, waits
    )  # fmt: skip


def replicate(
    cloud: Cloud, target: Target, primary: KeyMetadata, region: str, description: str, policy: str, waits: Waits
) -> KeyMetadata:
    """Make a replica, with its own policy and tags. ReplicateKey is never sent again before looking."""
    service = cloud.keys(primary.region, target.key.assume_role_arn)
    there = cloud.keys(region, target.key.assume_role_arn)

    def send() -> KeyMetadata:
        return waits.visible(
            lambda: service.replicate_key(
                primary.key_id,
                replica_region=region,
                description=description,
                policy=policy,
                tags=target.tags,
                bypass_policy_lockout_safety_check=target.key.bypass_policy_lockout_safety_check,
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
            return write_policy(cloud, target, policy, waits, send)
        except (AlreadyExists, OutcomeUnknown) as error:
            taken = isinstance(error, AlreadyExists)
            found = waits.until(look, waits.seconds if taken else min(_LOOK_IN_SECONDS, max(1.0, waits.seconds / 4)))
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
