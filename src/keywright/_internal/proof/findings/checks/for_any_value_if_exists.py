"""KW405: a set operator with two meanings where the key is absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class ForAnyValueIfExists(Check):
    """ForAnyValue together with IfExists."""

    id = "KW405"
    name = "for-any-value-if-exists"
    title = "`ForAnyValue` with `IfExists` has no documented meaning"
    severity = "medium"
    why = (
        "`ForAnyValue` is false where the key is absent, and `IfExists` is true there. AWS doesn't say which of the "
        "two counts, and evaluators differ."
    )
    remedy = "decide what an absent key shall mean, and say it with `Null`"
    source_url = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        "reference_policies_condition-single-vs-multi-valued-context-keys.html"
    )
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"ForAnyValue:StringEqualsIfExists": {"kms:EncryptionContextKeys": "AppName"}}}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"ForAnyValue:StringEquals": {"kms:EncryptionContextKeys": "AppName"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every ForAnyValue with IfExists."""
        for statement in policy.statements:
            for condition in statement.conditions:
                operator = condition.operator
                if operator is not None and operator.quantifier == "ForAnyValue" and operator.if_exists:
                    message = f"whether it holds without `{condition.name}` isn't documented"
                    yield Hit(condition.path, message, statement)
