"""AWS's default request quotas, in requests per second for each account and Region.

Sources, read 2026-11-24:
https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html (KMS)
https://docs.aws.amazon.com/general/latest/gr/arg.html (GetResources, service `tagging`)
Operations with no row here (the cryptographic ones have pools of thousands) aren't paced.
"""

from __future__ import annotations

from types import MappingProxyType

REQUESTS_PER_SECOND = MappingProxyType(
    {
        "CancelKeyDeletion": 5,
        "CreateAlias": 5,
        "CreateGrant": 50,
        "CreateKey": 5,
        "DeleteAlias": 15,
        "DescribeKey": 2000,
        "DisableKey": 5,
        "DisableKeyRotation": 5,
        "EnableKey": 5,
        "EnableKeyRotation": 15,
        "GetKeyLastUsage": 5,
        "GetKeyPolicy": 1000,
        "GetKeyRotationStatus": 1000,
        "GetPublicKey": 2000,
        "GetResources": 15,
        "ListAliases": 500,
        "ListGrants": 100,
        "ListKeys": 500,
        "ListResourceTags": 2000,
        "PutKeyPolicy": 15,
        "ReplicateKey": 5,
        "RevokeGrant": 50,
        "ScheduleKeyDeletion": 15,
        "TagResource": 10,
        "UntagResource": 5,
        "UpdateAlias": 5,
        "UpdateKeyDescription": 5,
    }
)

CREATE_KEY_PER_REPLICATION = 2
"""One ReplicateKey also counts as this many CreateKey calls in the replica's Region."""
