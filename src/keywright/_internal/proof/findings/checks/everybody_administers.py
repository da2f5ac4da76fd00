"""KW109: administration for a crowd."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import CONTROLLING
from keywright._internal.facts.key_groups import CALLERS_IDENTITY
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.narrowing import keeps_strangers_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class EverybodyAdministers(Check):
    """Administration for every identity of an account or organization."""

    id = "KW109"
    name = "everybody-administers"
    title = "Every identity of an account or organization may administer the key"
    severity = "high"
    why = (
        "In the key's account a wildcard principal needs no identity policy: whoever matches it has the actions. With "
        "`kms:PutKeyPolicy` among them every identity there can take the key over; with `kms:ScheduleKeyDeletion`, "
        "destroy it. The account as principal is different: it leaves the choice to identity policies."
    )
    remedy = "name the administrators, or the account in place of `*`"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html"
    bad = """{"Sid": "Admin", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*",
 "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333"}}}"""
    good = """{"Sid": "Admin", "Effect": "Allow", "Principal": {"AWS": "*"},
 "Action": ["kms:PutKeyPolicy", "kms:DescribeKey"], "Resource": "*",
 "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/admin"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every narrowed wildcard that may take the key over."""
        for statement in policy.allows:
            if not keeps_strangers_out(statement) or not statement.covered & CONTROLLING:
                continue
            names_one = any(
                condition.positive
                and (condition.key in CALLERS_IDENTITY or condition.key.startswith("aws:principaltag/"))
                for condition in statement.conditions
            )
            if names_one or statement.conditions_on("kms:viaservice"):
                continue
            for principal in statement.reachable:
                if principal.is_everybody:
                    actions = ", ".join(f"`{action}`" for action in sorted(statement.covered & CONTROLLING))
                    yield Hit(
                        principal.path,
                        f"everybody whom the conditions let in has {actions}, without an identity policy",
                        statement,
                    )
