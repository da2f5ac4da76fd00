"""KW409: a key that counts in identity policies alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class IdentityPolicyKey(Check):
    """A condition on the key's tags or aliases, in its own policy."""

    id = "KW409"
    name = "identity-policy-key"
    title = "This condition key doesn't count in a key policy"
    severity = "medium"
    why = (
        "`aws:ResourceTag/…` and `kms:ResourceAliases` are about the key itself. AWS documents them for identity "
        "policies, which cover many keys; in a key policy they are taken as absent."
    )
    remedy = "put the condition into an identity policy; a key policy already is about this key and no other"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/abac.html"
    bad = """{"Sid": "Guard", "Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*",
 "Condition": {"StringNotEquals": {"aws:ResourceTag/Environment": "dev"},
  "ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/break-glass"}}}"""
    good = """{"Sid": "Guard", "Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*",
 "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/break-glass"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every condition on such a key."""
        for statement in policy.statements:
            for condition in statement.conditions:
                if condition.facts is not None and not condition.facts.in_key_policies:
                    message = f"`{condition.name}` is absent wherever a key policy is asked"
                    yield Hit(condition.path, message, statement)
