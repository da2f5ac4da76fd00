"""KW404: a key with several values, compared as if it had one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class MissingSetOperator(Check):
    """A multivalued key without ForAnyValue or ForAllValues."""

    id = "KW404"
    name = "missing-set-operator"
    title = "A key with several values needs a set operator"
    severity = "medium"
    why = (
        "Keys such as `kms:EncryptionContextKeys`, `kms:GrantOperations`, `aws:TagKeys` and `aws:PrincipalOrgPaths` "
        "hold lists. AWS compares them only with `ForAnyValue:` or `ForAllValues:` before the operator; without one "
        "the condition doesn't do what it reads."
    )
    remedy = "write `ForAnyValue:` or `ForAllValues:` before the operator"
    source_url = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        "reference_policies_condition-single-vs-multi-valued-context-keys.html"
    )
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEquals": {"kms:EncryptionContextKeys": "AppName"}}}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "AppName"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every comparison of a list without a set operator."""
        for statement in policy.statements:
            for condition in statement.conditions:
                operator, facts = condition.operator, condition.facts
                if operator is None or facts is None or operator.quantifier or operator.name == "Null":
                    continue
                if facts.multivalued:
                    message = (
                        f"`{condition.name}` holds a list, and `{condition.condition.operator}` compares one value"
                    )
                    yield Hit(condition.path, message, statement)
