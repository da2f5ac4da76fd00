"""What a scan knows: accounts, keys with everything that was read of them, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from keywright._internal.aws import Grant, KeyMetadata, LastUsage, RotationStatus
    from keywright._internal.model.key_location import KeyLocation

PENDING_DELETION: Final = frozenset({"PendingDeletion", "PendingReplicaDeletion"})


@dataclass(frozen=True, slots=True)
class NotRead:
    """Something that is there, or may be, and that the scan could not read."""

    account: str
    region: str
    """Empty for what belongs to the whole account."""
    key: str
    """The key's ARN; empty for a whole Region or account."""
    operation: str
    reason: str

    def as_document(self) -> dict[str, str | None]:
        """As `--json` shows it."""
        return {
            "account": self.account,
            "region": self.region or None,
            "key": self.key or None,
            "operation": self.operation,
            "reason": self.reason,
        }

    @property
    def subject(self) -> str:
        """What it is about, for people."""
        return self.key or (f"{self.region} of account {self.account}" if self.region else f"account {self.account}")


@dataclass(frozen=True, slots=True)
class ScannedAccount:
    """An account that was read."""

    account: str
    name: str
    partition: str
    role_arn: str | None
    """The role that reached it; None for the caller's own account."""
    identities: frozenset[str] | None
    """The ARNs of its roles and users; None where they weren't read."""


@dataclass(frozen=True, slots=True)
class ScannedKey:
    """A customer-managed key. What is None could not be read, or isn't there to be read: `missing` tells which."""

    location: KeyLocation
    aliases: tuple[str, ...]
    metadata: KeyMetadata | None = None
    policy: str | None = None
    rotation: RotationStatus | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    grants: tuple[Grant, ...] = ()
    last_use: LastUsage | None = None
    missing: frozenset[str] = frozenset()
    """The operations that failed for this key; `ListAliases` for all of its Region."""
    read_at: datetime | None = None

    @property
    def arn(self) -> str:
        """The key's ARN."""
        return self.location.arn or ""

    @property
    def pending_deletion(self) -> bool:
        """Whether its deletion is scheduled."""
        return self.metadata is not None and self.metadata.state in PENDING_DELETION

    @property
    def has_automatic_rotation(self) -> bool:
        """Whether KMS could rotate it by itself: symmetric, of KMS's own material.

        https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
        """
        return rotates(self.metadata)


def rotates(metadata: KeyMetadata | None) -> bool:
    """Whether KMS can rotate a key by itself, so that GetKeyRotationStatus has an answer."""
    return metadata is not None and metadata.spec == "SYMMETRIC_DEFAULT" and metadata.origin == "AWS_KMS"


@dataclass(frozen=True, slots=True)
class ScannedAlias:
    """An alias, with the key that AWS shows behind it."""

    account: str
    region: str
    name: str
    key_id: str | None
