"""KW307: a Deny that nobody can ever lift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.denials import locks_the_policy
from keywright._internal.proof.findings.listing import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView, StatementView


class PolicyLockedForAll(Check):
    """An unconditional Deny of policy changes for everybody."""

    id = "KW307"
    name = "policy-locked-for-all"
    title = "Nobody can ever change this policy"
    severity = "critical"
    why = (
        "A Deny of `kms:PutKeyPolicy` for everybody, or for the key's whole account, holds for the account's root user"
        " and for every administrator; also where its conditions are true of every such call, as a negated one on the "
        "encryption context is. Once written, the policy can't be changed and only AWS Support can help. AWS "
        "refuses it unless its lockout check is bypassed."
    )
    remedy = "spare the administrators with `ArnNotEquals` on `aws:PrincipalArn`, or leave `kms:PutKeyPolicy` out"
    source_url = "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"
    bad = """{"Sid": "Freeze", "Effect": "Deny", "Principal": "*",
 "Action": ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"], "Resource": "*"}"""
    good = """{"Sid": "Freeze", "Effect": "Deny", "Principal": "*",
 "Action": ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"], "Resource": "*",
 "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/break-glass"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Deny of kms:PutKeyPolicy that reaches the whole account in whatever direct call."""
        for deny in policy.denies:
            if locks_the_policy(deny):
                message = "`kms:PutKeyPolicy` is denied to everybody who could ever change this policy"
                yield Hit(deny.path, message, deny, remedy=_remedy(deny))


def _remedy(deny: StatementView) -> str | None:
    """A condition that calls for policy changes never carry is true for them where it is negated."""
    keys = [item for item in deny.conditions if item.facts is not None and item.facts.actions is not None]
    if not keys:
        return None
    return f"list the actions that carry {listed(item.name for item in keys)} in place of `kms:PutKeyPolicy`"
