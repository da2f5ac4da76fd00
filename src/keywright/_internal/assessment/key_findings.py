"""Faults of one key that its policy doesn't show: rotation, deletion, use, its replica's policy, what KMS refuses."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from keywright._internal.assessment.estate_checks import (
    DELETION_UNGUARDED,
    PENDING,
    PENDING_AND_USED,
    REFUSED_TODAY,
    REPLICA_DIFFERS,
    ROTATION_OFF,
    UNUSED,
)
from keywright._internal.assessment.grant_findings import UNIQUE_ID
from keywright._internal.lifecycle.policy_normalization import canonical_statements
from keywright._internal.policy.document import MAX_POLICY_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from keywright._internal.estate.snapshot import ScannedKey
    from keywright._internal.policy.document import PolicyDocument, Statement
    from keywright._internal.proof.findings.finding import Finding

LATELY: Final = timedelta(days=90)
"""A key pending deletion that was used within this time before the scan is one that somebody may need."""
_DELETION: Final = re.compile(r"\*|kms:\*|kms:sched.*|kms:schedulekeydeletion", re.IGNORECASE)


def state_findings(key: ScannedKey, now: datetime) -> Iterator[Finding]:
    """Of deletion, use and rotation.

    Args:
        key: the key.
        now: when it was scanned.
    """
    metadata, used = key.metadata, key.last_use
    if metadata is None:
        return
    if key.pending_deletion:
        until = (
            f" until {metadata.deletion_date:%Y-%m-%d}" if metadata.deletion_date else ", when its replicas are gone"
        )
        if used is not None and used.used_at is not None and now - used.used_at < LATELY:
            yield PENDING_AND_USED.finding(
                f"it is pending deletion{until}, and {used.operation or 'it'} was used on {used.used_at:%Y-%m-%d}"
            )
        else:
            yield PENDING.finding(f"it is pending deletion{until}")
        return
    if used is not None and used.used_at is None and _tracked_from_the_start(key):
        since = f" on {metadata.creation_date:%Y-%m-%d}" if metadata.creation_date else ""
        yield UNUSED.finding(f"it has not been used in {metadata.region} since it was made{since}")
    is_replica = metadata.multi_region_type == "REPLICA"  # its primary decides, and has the finding
    if key.rotation is not None and not key.rotation.enabled and metadata.state == "Enabled" and not is_replica:
        yield ROTATION_OFF.finding("KMS does not rotate it")


def use_of(key: ScannedKey) -> str | None:
    """`used`, `unused` or `unknown`; None where it wasn't asked for. Only since tracking began is anything known."""
    if key.last_use is None:
        return None
    if key.last_use.used_at is not None:
        return "used"
    return "unused" if _tracked_from_the_start(key) else "unknown"


def _tracked_from_the_start(key: ScannedKey) -> bool:
    used, metadata = key.last_use, key.metadata
    if used is None or metadata is None or used.tracked_since is None or metadata.creation_date is None:
        return False
    # To the second: some endpoints date keys less exactly than they date their tracking.
    return used.tracked_since.replace(microsecond=0) <= metadata.creation_date


def policy_findings(document: PolicyDocument, size: int) -> Iterator[Finding]:
    """What KMS would refuse, were the policy put again, and whether deletion is guarded.

    Args:
        document: the policy.
        size: of its text, in bytes.
    """
    if size > MAX_POLICY_BYTES:
        yield REFUSED_TODAY.finding(f"the policy has {size:,} bytes; KMS takes {MAX_POLICY_BYTES:,}")
    for index, statement in enumerate(document.statements):
        for reason in _refused(statement):
            name = statement.sid or f"statement {index + 1}"
            yield REFUSED_TODAY.finding(
                f"`{name}` {reason}", statement=f"statement `{name}`", path=("Statement", index)
            )
    if not any(item.effect == "Deny" and _is_about_deletion(item) for item in document.statements):
        yield DELETION_UNGUARDED.finding("no statement denies kms:ScheduleKeyDeletion to anybody")


def _refused(statement: Statement) -> Iterator[str]:
    if not statement.actions and not statement.not_actions:
        yield "has no Action"
    if not statement.resources and not statement.not_resources:
        yield "has no Resource"
    elif statement.not_resources or set(statement.resources or ()) != {"*"}:
        yield "has a Resource other than `*`"
    for principal in (*(statement.principals or ()), *(statement.not_principals or ())):
        if principal.type == "AWS" and UNIQUE_ID.fullmatch(principal.value):
            yield f"names `{principal.value}`, the id of a deleted principal"


def _is_about_deletion(statement: Statement) -> bool:
    return any(_DELETION.fullmatch(action) for action in statement.actions or ())


def replica_findings(key: ScannedKey, primary_policy: str | None) -> Iterator[Finding]:
    """Whether a replica's policy has other statements than its primary's, each taken for its own Region."""
    metadata = key.metadata
    if metadata is None or metadata.multi_region_type != "REPLICA" or key.policy is None or primary_policy is None:
        return
    home = (metadata.primary_arn or ":::::").split(":")[3]
    mine = canonical_statements(key.policy.replace(metadata.region, "REGION").replace(home, "REGION"))
    theirs = canonical_statements(primary_policy.replace(metadata.region, "REGION").replace(home, "REGION"))
    if mine != theirs:
        more, fewer = sum((mine - theirs).values()), sum((theirs - mine).values())
        yield REPLICA_DIFFERS.finding(
            f"{more} of its statements are not the primary's in {home}, and {fewer} of the primary's are not here"
        )
