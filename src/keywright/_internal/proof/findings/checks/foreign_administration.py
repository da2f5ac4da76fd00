"""KW204: administration for another account, which KMS never gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import CONTROLLING, CROSS_ACCOUNT
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class ForeignAdministration(Check):
    """An action for another account that works only in the key's own."""

    id = "KW204"
    name = "foreign-administration"
    title = "This action doesn't work for another account"
    severity = "medium"
    why = (
        "Across accounts KMS allows the cryptographic operations, DescribeKey, GetPublicKey, GetKeyRotationStatus and "
        "grants. All else fails for callers of other accounts, whatever policies say: whoever reads this policy "
        "believes that somebody can do what he can't. Where the actions are harmless ones among others, it is low."
    )
    remedy = "remove the action, or name a principal of the key's account"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html"
    bad = """{"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:role/admin"},
 "Action": ["kms:ScheduleKeyDeletion", "kms:PutKeyPolicy"], "Resource": "*"}"""
    good = """{"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:role/app"},
 "Action": ["kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Allow for another account of actions that don't work across accounts."""
        for statement in policy.allows:
            foreign = next((principal for principal in statement.principals if principal.is_foreign), None)
            if foreign is None or statement.covers_everything:
                continue
            vain = [action for action in statement.actions if action.covers and not action.covers & CROSS_ACCOUNT]
            if not vain:
                continue
            names = ", ".join(f"`{action.text}`" for action in vain)
            only_foreign = all(principal.is_foreign for principal in statement.principals)
            if only_foreign and not statement.covered & CROSS_ACCOUNT:
                message = f"the statement allows nothing: {names} can't be done from account {foreign.account}"
                yield Hit((*statement.path, "Action"), message, statement)
                continue
            serious = any(action.covers & CONTROLLING for action in vain)
            message = f"{names} can't be done from account {foreign.account}, whatever the policy says"
            yield Hit(vain[0].path, message, statement, severity=None if serious else "low")
