"""KW108: every KMS action for one identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.elements import PrincipalView
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
        """Every Allow of everything for roles, users, services or other accounts."""
        for statement in policy.allows:
            if not statement.covers_everything or any(item.key.startswith("kms:") for item in statement.conditions):
                continue
            named = {item.path: who for item in statement.reachable if (who := _who(item)) is not None}
            if not named:
                continue
            loud = any(item.is_service or item.is_account for item in statement.reachable if item.path in named)
            yield Hit(
                next(iter(named)),
                f"{' and '.join(named.values())} can use the key, hand it on and, as far as KMS lets it, administer it",
                statement,
                severity="high" if loud else None,
            )


def _who(principal: PrincipalView) -> str | None:
    if principal.is_everybody or (principal.is_account and not principal.is_foreign):
        return None
    if principal.is_service:
        return f"the service `{principal.value}`"
    return f"the whole account of `{principal.value}`" if principal.is_account else f"`{principal.value}`"
