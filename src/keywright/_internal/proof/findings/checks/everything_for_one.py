"""KW108: every KMS action for one identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.effects import principal_can_match

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class EverythingForOne(Check):
    """`kms:*` for a principal that isn't the key's own account."""

    id = "KW108"
    name = "everything-for-one"
    title = "A principal that isn't the key's account has every KMS action"
    severity = "medium"
    why = (
        "Whoever has `kms:*` can use the key, rewrite its policy, hand it on in grants and delete it, with no second "
        "person and no identity policy needed. AWS gives `kms:*` to the account alone, where it only makes identity "
        "policies count, and keeps administrators apart from users."
    )
    remedy = "list the actions for which the principal is there: to administer the key, or to use it"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html"
    bad = """{"Sid": "Admin", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/admin"},
 "Action": "kms:*", "Resource": "*"}"""
    good = """{"Sid": "Admin", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/admin"},
 "Action": ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"], "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Allow of everything for a role, a user, a service or another account."""
        for statement in policy.allows:
            if not statement.covers_everything or any(item.key.startswith("kms:") for item in statement.conditions):
                continue
            for principal in statement.principals:
                if principal.is_everybody or not principal_can_match(statement, principal):
                    continue
                who = _who(principal.is_account, principal.is_foreign, principal.is_service, principal.value)
                if who is not None:
                    yield Hit(
                        principal.path,
                        f"{who} can use the key, hand it on and, as far as KMS lets it, administer it",
                        statement,
                        severity=None if not principal.is_account and not principal.is_service else "high",
                    )


def _who(is_account: bool, is_foreign: bool, is_service: bool, value: str) -> str | None:
    if is_service:
        return f"the service `{value}`"
    if is_account:
        return f"the whole account of `{value}`" if is_foreign else None
    return f"`{value}`"
