"""KW603: a condition key that AWS gave a new name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView

_SUCCESSORS = {
    "kms:customermasterkeyspec": "kms:KeySpec",
    "kms:customermasterkeyusage": "kms:KeyUsage",
    "aws:sourceowner": "aws:SourceAccount",
}


class DeprecatedKey(Check):
    """A deprecated condition key."""

    id = "KW603"
    name = "deprecated-key"
    title = "The condition key is deprecated"
    severity = "low"
    why = "AWS keeps the key working and advises its successor, which says the same under a name that stays."
    remedy = "write the key's successor"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEquals": {"kms:CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"}}}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every condition on such a key."""
        for statement in policy.statements:
            for condition in statement.conditions_on(*_SUCCESSORS):
                new = _SUCCESSORS[condition.key]
                yield Hit(condition.path, f"`{condition.name}` is deprecated", statement, f"write `{new}`")
