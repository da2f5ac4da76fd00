"""KW110: a right to make grants with nothing that says for what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import fold
from keywright._internal.proof.evaluation.comparisons import boolean
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.service_pins import comes_itself

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.elements import ActionView, ConditionView
    from keywright._internal.proof.findings.subject import PolicyView, StatementView

_SAY_FOR_WHAT = (
    "kms:grantisforawsresource",
    "kms:viaservice",
    "kms:granteeprincipal",
    "kms:granteeserviceprincipal",
    "kms:grantoperations",
    "kms:grantconstrainttype",
    "kms:grantconstraintsourcearn",
    "kms:encryptioncontextkeys",
)
_CLUSTER_CREATION = frozenset({"kms:CreateGrant", "kms:DescribeKey", "kms:ListGrants"})
"""What EKS documents for whoever makes a cluster; its calls don't count as made for an AWS resource.

https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
"""


class GrantsForAnybody(Check):
    """`kms:CreateGrant` by name, for a user or role, without a condition on the grant."""

    id = "KW110"
    name = "grants-for-anybody"
    title = "A principal may make grants for anybody"
    severity = "medium"
    why = (
        "Whoever may make grants may hand every operation of the key to anybody, in any account, also operations that "
        "he hasn't himself; no policy shows it afterwards. AWS's default key policy lets users make grants only for "
        "AWS services, with `kms:GrantIsForAWSResource`."
    )
    remedy = "add `Bool` on `kms:GrantIsForAWSResource` with `true`, or say which operations or grantees are meant"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html"
    bad = """{"Sid": "Grants", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], "Resource": "*"}"""
    good = """{"Sid": "Grants", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], "Resource": "*",
 "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every user, role or service of an Allow that lists the action and narrows no grant."""
        if _denied_otherwise(policy):
            return
        for statement in policy.allows:
            named = _named(statement)
            narrowing = [item for item in statement.conditions if _says_for_what(item)]
            if named is None or narrowing:
                continue
            for principal in statement.reachable:
                # An account only delegates; AWS documents it so for keys of another account.
                if (
                    principal.is_account
                    or principal.is_everybody
                    or (principal.is_service and not comes_itself(principal))
                ):
                    continue
                quiet = "kms:DescribeKey" in statement.covered and statement.covered <= _CLUSTER_CREATION
                yield Hit(
                    named.path,
                    f"`{principal.value}` may give any operation of the key to anybody",
                    statement,
                    severity="low" if quiet else None,
                    persona="pedantic" if quiet else None,
                )
                break


def _named(statement: StatementView) -> ActionView | None:
    """The entry that gives the action: its name, a pattern for grants, or any pattern beside the use of the key.

    AWS's default key policy gives administrators `kms:Create*`, grants among it.
    """
    for item in statement.actions:
        if "kms:CreateGrant" not in item.covers or item.text in {"*", "kms:*"}:
            continue
        if not item.is_pattern or "grant" in fold(item.text) or statement.uses_the_key:
            return item
    return None


def _says_for_what(condition: ConditionView) -> bool:
    if condition.key == "kms:grantisforawsresource":
        return {boolean(value) for value in condition.values} == {True}
    return condition.key in _SAY_FOR_WHAT or condition.key.startswith("kms:encryptioncontext:")


def _denied_otherwise(policy: PolicyView) -> bool:
    """Whether a Deny for everybody already keeps grants to AWS services."""
    return any(
        deny.is_for_everybody and "kms:CreateGrant" in deny.covered and deny.conditions_on(*_SAY_FOR_WHAT)
        for deny in policy.denies
    )
