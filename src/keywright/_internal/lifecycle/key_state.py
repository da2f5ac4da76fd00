"""A key as AWS shows it, in plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from keywright._internal.aws import Grant, KeyMetadata, RotationStatus
from keywright._internal.lifecycle.target import DUPLICATE_TAG
from keywright._internal.model.key_location import KeyLocation

PENDING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})


@dataclass(frozen=True, slots=True)
class LiveKey:
    """A key, or a replica of one."""

    metadata: KeyMetadata
    policy: str
    tags: Mapping[str, str]
    rotation: RotationStatus | None
    grants: tuple[Grant, ...] | None = None
    """All of its grants; None where they weren't read."""

    @property
    def pending_deletion(self) -> bool:
        """Whether its deletion is scheduled."""
        return self.metadata.state in PENDING

    @property
    def duplicate(self) -> bool:
        """Whether its own creator marked it as the unused loser of a race."""
        return DUPLICATE_TAG in self.tags

    @property
    def primary_region(self) -> str:
        """Where rotation and replication of its family are decided."""
        primary = self.metadata.primary_arn
        return KeyLocation.of_arn(primary).region if primary else self.metadata.region


@dataclass(frozen=True, slots=True)
class AliasHolder:
    """The key behind an alias.

    Args:
        key_id: its ID.
        state: its state, where it isn't the key that was asked about.
        sibling: its name, where it is another key of the file, or what the key itself has replaced.
        identity: its stack and name, where it is a key of another file.
    """

    key_id: str | None
    state: str = ""
    sibling: str | None = None
    identity: str = ""


@dataclass(frozen=True, slots=True)
class KeyState:
    """Everything of one declared key.

    Args:
        keys: those with its identity in its Region.
        replicas: those of their family with its identity in other Regions, by Region.
        aliases: the aliases that it declares and those that its keys have, with whoever holds them.
        relatives: of its family in other Regions: those that aren't its own, by Region, as ARNs.
        elsewhere: live keys with its identity in another Region and no kinship.
        claimed: those of the aliases that other keys of the file declare.
    """

    keys: tuple[LiveKey, ...] = ()
    replicas: Mapping[str, LiveKey] = field(default_factory=dict)
    aliases: Mapping[str, AliasHolder] = field(default_factory=dict)
    relatives: Mapping[str, str] = field(default_factory=dict)
    elsewhere: tuple[str, ...] = ()
    claimed: frozenset[str] = frozenset()

    @property
    def live(self) -> tuple[LiveKey, ...]:
        """Those whose deletion is not scheduled, without a race's marked losers."""
        return tuple(item for item in self.keys if not item.pending_deletion and not item.duplicate)

    @property
    def pending(self) -> tuple[LiveKey, ...]:
        """Those whose deletion is scheduled, without a race's marked losers."""
        return tuple(item for item in self.keys if item.pending_deletion and not item.duplicate)

    @property
    def leftovers(self) -> tuple[LiveKey, ...]:
        """A race's marked losers whose deletion an interrupted run has not scheduled yet."""
        return tuple(item for item in self.keys if item.duplicate and not item.pending_deletion)

    @property
    def key_id(self) -> str | None:
        """The ID of the one live key; None if there is none, or more than one."""
        return self.live[0].metadata.key_id if len(self.live) == 1 else None

    def only(self, key_id: str) -> KeyState:
        """What belongs to one of several keys of this identity; an alias of another one stays where it is."""
        others = {item.metadata.key_id for item in self.keys} - {key_id}
        return replace(
            self,
            aliases={
                name: replace(holder, sibling="its duplicate") if holder.key_id in others else holder
                for name, holder in self.aliases.items()
            },
            keys=tuple(item for item in self.keys if item.metadata.key_id == key_id),
            replicas={region: item for region, item in self.replicas.items() if item.metadata.key_id == key_id},
        )

    def only_in(self, region: str) -> KeyState:
        """The same with the replica of one Region alone."""
        return replace(self, replicas={place: item for place, item in self.replicas.items() if place == region})

    def held(self, key_id: str) -> tuple[str, ...]:
        """The names of the aliases that a key has."""
        return tuple(sorted(name for name, holder in self.aliases.items() if holder.key_id == key_id))
