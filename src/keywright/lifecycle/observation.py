"""What is on AWS for a stack: one bulk listing a Region, then at most three reads a key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from keywright.aws import Cloud, KeyMetadata, KeyService, NotFound, RotationStatus
from keywright.lifecycle.target import KEY_TAG, STACK_TAG, Target

PENDING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})
WORKERS = 8


@dataclass(frozen=True, slots=True)
class LiveKey:
    """A key, or a replica of one, as AWS shows it."""

    metadata: KeyMetadata
    policy: str
    tags: Mapping[str, str]
    rotation: RotationStatus | None

    @property
    def pending_deletion(self) -> bool:
        """Whether its deletion is scheduled."""
        return self.metadata.state in PENDING


@dataclass(frozen=True, slots=True)
class Observed:
    """Everything of one declared key: the keys with its identity, their replicas, and aliases by name."""

    keys: tuple[LiveKey, ...]
    replicas: Mapping[str, LiveKey]
    aliases: Mapping[str, str | None]

    @property
    def live(self) -> tuple[LiveKey, ...]:
        """Those whose deletion is not scheduled."""
        return tuple(item for item in self.keys if not item.pending_deletion)


def observe(cloud: Cloud, wanted: Iterable[Target]) -> dict[str, Observed]:
    """Read the live state of the targets, by key name."""
    targets = tuple(wanted)
    if not targets:
        return {}
    identity = {STACK_TAG: targets[0].stack}
    tags: dict[str, Mapping[str, str]] = {}
    aliases: dict[str, dict[str, str | None]] = {}
    for region in {item.setting.region for item in targets}:
        service = cloud.keys(region)
        found = {item.arn: item.tags for item in service.tagged_keys(identity)}
        known = {item.tags.get(KEY_TAG) for item in service.tagged_keys(identity)}
        if any(item.setting.region == region and item.name not in known for item in targets):
            found |= _not_listed_yet(service, targets[0].stack)
        tags |= found
        aliases[region] = {item.name: item.target_key_id for item in service.aliases()}
    with ThreadPoolExecutor(WORKERS) as pool:
        return dict(pool.map(lambda target: (target.name, _observed(cloud, target, tags, aliases)), targets))


def _not_listed_yet(service: KeyService, stack: str) -> dict[str, Mapping[str, str]]:
    """Keys of the stack that KMS lists and the tagging API, whose index lags, does not."""
    indexed = {item.arn for item in service.tagged_keys(None)}
    found: dict[str, Mapping[str, str]] = {}
    for arn in service.key_arns():
        if arn not in indexed:
            tags = service.tags(arn)
            if tags.get(STACK_TAG) == stack:
                found[arn] = tags
    return found


def _observed(
    cloud: Cloud,
    target: Target,
    tags: Mapping[str, Mapping[str, str]],
    aliases: Mapping[str, Mapping[str, str | None]],
) -> Observed:
    service = cloud.keys(target.setting.region)
    arns = sorted(
        arn
        for arn, own in tags.items()
        if own.get(KEY_TAG) == target.name and arn.split(":")[3] == target.setting.region
    )
    keys = tuple(item for arn in arns if (item := _live(service, arn, tags[arn])) is not None)
    replicas: dict[str, LiveKey] = {}
    for key in keys:
        for arn in key.metadata.replica_arns:
            region = arn.split(":")[3]
            there = cloud.keys(region)
            replica = _live(there, arn, None)
            if replica is not None:
                replicas[region] = replica
    return Observed(keys, replicas, aliases[target.setting.region])


def _live(service: KeyService, arn: str, tags: Mapping[str, str] | None) -> LiveKey | None:
    try:
        metadata = service.describe(arn)
        policy = service.policy(arn)
        own = service.tags(arn) if tags is None else tags
        rotates = metadata.spec == "SYMMETRIC_DEFAULT" and metadata.multi_region_type != "REPLICA"
        return LiveKey(metadata, policy, own, service.rotation(arn) if rotates else None)
    except NotFound:
        return None  # deleted since it was listed
