"""KW111: use and administration in one hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import CONTROLLING, CRYPTOGRAPHIC
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.listing import agreeing, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class UsesAndAdministers(Check):
    """One statement that gives a user, role or service both the use of the key and its administration."""

    id = "KW111"
    name = "uses-and-administers"
    title = "A principal both uses and administers the key"
    severity = "medium"
    why = (
        "Whoever uses a key and may also rewrite its policy, replace its material or delete it has nobody to watch "
        "him; one stolen credential is enough to read everything and to destroy it. AWS's default key policy keeps "
        "administrators and users in statements of their own. A service has no business administering a key at all."
    )
    remedy = "make two statements, for an administrator and for a user"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/least-privilege.html"
    bad = """{"Sid": "App", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": ["kms:Decrypt", "kms:PutKeyPolicy"], "Resource": "*"}"""
    good = """{"Sid": "App", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Allow of both that lists its actions, for others than accounts, and of the second for a service."""
        for statement in policy.allows:
            if statement.covers_everything or statement.statement.actions is None:
                continue  # KW108 and KW205 say so
            administration = sorted(statement.covered & CONTROLLING)
            uses = bool(statement.covered & CRYPTOGRAPHIC)
            found = [
                item
                for item in statement.reachable
                if not item.is_account and not item.is_everybody and (uses or item.is_service)
            ]
            if not administration or not found:
                continue
            also = " beside the use of the key" if uses else ""
            who = listed(item.value for item in found)
            yield Hit(
                found[0].path,
                f"{who} {agreeing(found, 'has', 'have')} {listed(administration)}{also}",
                statement,
                severity="high" if any(item.is_service for item in found) else None,
            )
