"""KW403: ForAllValues, which holds where nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.evaluation.comparisons import boolean
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.elements import ConditionView
    from keywright._internal.proof.findings.subject import PolicyView, StatementView

_ALWAYS_SENT = {
    "kms:grantoperations": frozenset({"kms:CreateGrant"}),
    "aws:tagkeys": frozenset({"kms:TagResource", "kms:UntagResource"}),
}
"""Keys that every request for these actions carries, because KMS's API requires the parameter."""


class ForAllValues(Check):
    """ForAllValues in an Allow, with nothing that demands the key."""

    id = "KW403"
    name = "for-all-values"
    title = "`ForAllValues` is true where the key is absent"
    severity = "medium"
    why = (
        "`ForAllValues` asks whether any value of the request is missing from the list; where the request has no value"
        " none is, and the condition holds. In an Allow whoever leaves the key out gets in. On a key with one value, "
        "such as `aws:PrincipalOrgID`, the operator is a mistake by itself, and KMS refuses it on the encryption "
        "context."
    )
    remedy = 'add `"Null": {"KEY": "false"}` on the same key; on a key with one value, remove `ForAllValues:`'
    source_url = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        "reference_policies_condition-single-vs-multi-valued-context-keys.html"
    )
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"ForAllValues:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"}}}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"ForAllValues:StringEquals": {"aws:CalledVia": "athena.amazonaws.com"},
  "Null": {"aws:CalledVia": "false"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every ForAllValues in an Allow that an absent key gets past."""
        for statement in policy.allows:
            for condition in statement.conditions:
                operator = condition.operator
                if operator is None or operator.quantifier != "ForAllValues" or operator.name == "Null":
                    continue
                if statement.covered <= _ALWAYS_SENT.get(condition.key, frozenset()) or _demanded(statement, condition):
                    continue
                # AWS's own sample on kms:EncryptionContextKeys stands without the test for Null.
                quiet = condition.key == "kms:encryptioncontextkeys"
                yield Hit(
                    condition.path,
                    f"a request without `{condition.name}` meets this condition",
                    statement,
                    severity="low" if quiet else None,
                    persona="pedantic" if quiet else None,
                )


def _demanded(statement: StatementView, condition: ConditionView) -> bool:
    """Whether another condition on the same key is false where the key is absent."""
    for other in statement.conditions:
        operator = other.operator
        if other is condition or other.key != condition.key or operator is None:
            continue
        if operator.name == "Null" and {boolean(value) for value in other.values} == {False}:
            return True
        if other.positive:
            return True
    return False
