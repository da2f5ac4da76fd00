"""What AWS answers, as frozen values: nothing past this package sees a raw dictionary."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

MultiRegionType = Literal["PRIMARY", "REPLICA"]


@dataclass(frozen=True, slots=True)
class CallerIdentity:
    """Who the credentials in use belong to, as STS tells it.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """

    account: str
    arn: str
    user_id: str
    partition: str


@dataclass(frozen=True, slots=True)
class TaggedKey:
    """A key as the Resource Groups Tagging API lists it. Its index lags behind KMS."""

    arn: str
    key_id: str
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class AliasEntry:
    """One alias of an account and Region; some `alias/aws/…` entries have no target yet."""

    name: str
    arn: str
    target_key_id: str | None


@dataclass(frozen=True, slots=True)
class KeyMetadata:
    """A key as DescribeKey shows it.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
    """

    key_id: str
    arn: str
    account: str
    region: str
    state: str
    enabled: bool
    spec: str
    usage: str
    origin: str
    description: str
    multi_region: bool
    multi_region_type: MultiRegionType | None
    primary_arn: str | None
    replica_arns: tuple[str, ...]
    creation_date: datetime | None
    deletion_date: datetime | None
    pending_deletion_window_in_days: int | None
    manager: Literal["CUSTOMER", "AWS"]
    signing_algorithms: tuple[str, ...]
    encryption_algorithms: tuple[str, ...]
    mac_algorithms: tuple[str, ...]
    key_agreement_algorithms: tuple[str, ...]
    custom_key_store_id: str | None = None
    """The CloudHSM or external key store that holds the material; None where KMS itself does."""
    material_expires: datetime | None = None
    """When imported material expires; None where it doesn't."""


@dataclass(frozen=True, slots=True)
class RotationStatus:
    """Whether KMS rotates the key by itself, and how often. The period is None while rotation is off."""

    enabled: bool
    period_in_days: int | None


@dataclass(frozen=True, slots=True)
class DeletionSchedule:
    """What ScheduleKeyDeletion promised.

    A multi-Region primary that still has replicas has no date: its waiting period begins when the last
    replica is gone (state `PendingReplicaDeletion`).
    """

    deletion_date: datetime | None
    state: str
    window_in_days: int


@dataclass(frozen=True, slots=True)
class LastUsage:
    """The key's last successful cryptographic use, in its own Region. `used_at` is None where none was seen.

    KMS has kept this since April 2026, so an old key without a use here may have been used before.
    https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html
    """

    operation: str | None
    used_at: datetime | None
    tracked_since: datetime | None


@dataclass(frozen=True, slots=True)
class Grant:
    """One grant on a key: who may do what with it beside the key policy."""

    grant_id: str
    name: str
    grantee: str
    retiring: str | None
    operations: tuple[str, ...]
    issuing_account: str = ""
    """The account that made it, as its root's ARN."""
    created: datetime | None = None
    constraints: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """AWS's own names: `EncryptionContextSubset`, `EncryptionContextEquals`, `SourceArn`."""


@dataclass(frozen=True, slots=True)
class MemberAccount:
    """An account of the organization that the caller belongs to.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
    """

    account: str
    name: str
    state: str
    """`ACTIVE`, or why it can't be entered: `SUSPENDED`, `PENDING_CLOSURE`."""
