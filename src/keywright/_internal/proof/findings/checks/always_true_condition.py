"""KW402: a condition that every request meets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.effects import outcomes, reach
from keywright._internal.proof.findings.listing import listed
from keywright._internal.proof.findings.values import can_match

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.elements import ConditionView
    from keywright._internal.proof.findings.subject import PolicyView, StatementView


class AlwaysTrueCondition(Check):
    """A condition that is true whatever is asked."""

    id = "KW402"
    name = "always-true-condition"
    title = "A condition is always true"
    severity = "medium"
    why = (
        "A negated operator, an operator with `IfExists` and `ForAllValues` are all true where the key is absent. On a"
        " key that these requests never carry, and with a pattern that fits every value, the condition restricts "
        "nothing: an Allow gives more, and a Deny forbids more, than it reads."
    )
    remedy = "compare a key that these requests carry, with an operator that is false where it is absent"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every statement with conditions that hold for whatever its other conditions leave."""
        for statement in policy.statements:
            found = [condition for condition in statement.conditions if _is_always_true(statement, condition)]
            loud = [condition for condition in found if not _is_only_superfluous(condition)]
            if not found:
                continue
            names = listed(condition.name for condition in loud or found)
            yield Hit(
                (loud or found)[0].path,
                f"the condition on {names} is always true, so the statement {statement.does} as if it weren't there",
                statement,
                severity=None if loud else "low",
                persona=None if loud else "pedantic",
            )


def _is_always_true(statement: StatementView, condition: ConditionView) -> bool:
    operator = condition.operator
    if operator is None or not condition.is_understood:
        return False
    if operator.negated and not any(can_match(condition, value) for value in condition.values):
        return False  # KW408 says so
    others = [other for other in statement.conditions if other is not condition]
    left = reach(others, statement.callers, statement.covered)
    return bool(left) and not any(False in outcomes(condition, caller, action) for caller, action in left)


def _is_only_superfluous(condition: ConditionView) -> bool:
    """Whether it says what is so anyway, as guards copied from a wider statement do: harmless."""
    operator = condition.operator
    if operator is None or operator.name == "Null":
        return True
    return condition.key in {"aws:principalisawsservice", "aws:securetransport", "aws:viaawsservice"}
