"""The only package that talks to AWS: sessions, Regions, paging, retries, request quotas, typed results.

Importing it is cheap: boto3 is loaded with the first call.
"""

from __future__ import annotations

from keywright._internal.aws.cloud import Cloud, KeyService
from keywright._internal.aws.errors import (
    AccessDenied,
    AlreadyExists,
    AwsError,
    AwsRefused,
    CredentialsExpired,
    CredentialsMissing,
    Disabled,
    InvalidState,
    LimitExceeded,
    MalformedPolicy,
    NotAnsweringAws,
    NotFound,
    OutcomeUnknown,
    RegionMissing,
    Throttled,
    Unreachable,
    Unsupported,
)
from keywright._internal.aws.pacing import Pacing, Quota
from keywright._internal.aws.quotas import CREATE_KEY_PER_REPLICATION
from keywright._internal.aws.results import (
    AliasEntry,
    CallerIdentity,
    DeletionSchedule,
    Grant,
    KeyMetadata,
    LastUsage,
    MemberAccount,
    RotationStatus,
    TaggedKey,
)
from keywright._internal.aws.retrying import Patience
from keywright._internal.aws.sessions import Settings

__all__ = [
    "CREATE_KEY_PER_REPLICATION",
    "AccessDenied",
    "AliasEntry",
    "AlreadyExists",
    "AwsError",
    "AwsRefused",
    "CallerIdentity",
    "Cloud",
    "CredentialsExpired",
    "CredentialsMissing",
    "DeletionSchedule",
    "Disabled",
    "Grant",
    "InvalidState",
    "KeyMetadata",
    "KeyService",
    "LastUsage",
    "LimitExceeded",
    "MalformedPolicy",
    "MemberAccount",
    "NotAnsweringAws",
    "NotFound",
    "OutcomeUnknown",
    "Pacing",
    "Patience",
    "Quota",
    "RegionMissing",
    "RotationStatus",
    "Settings",
    "TaggedKey",
    "Throttled",
    "Unreachable",
    "Unsupported",
]
