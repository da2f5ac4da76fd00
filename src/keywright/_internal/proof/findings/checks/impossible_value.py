"""KW408: a listed value that the key never has, beside others that it may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.listing import listed
from keywright._internal.proof.findings.values import (
    can_match,
    has_wildcard_taken_literally,
    taken_literally,
    why_impossible,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.elements import ConditionView
    from keywright._internal.proof.findings.subject import PolicyView, StatementView
    from keywright._internal.proof.findings.value_forms import Impossible


class ImpossibleValue(Check):
    """A value of a condition that no request has."""

    id = "KW408"
    name = "impossible-value"
    title = "A listed value matches nothing"
    severity = "medium"
    why = (
        "`StringEquals` takes `*` and `?` for ordinary characters. An account number has twelve digits, "
        "`kms:ViaService` holds a Region, `aws:PrincipalArn` is never a session's ARN. A value that the key never has "
        "does nothing in a positive condition; in a negated one it spares nobody."
    )
    remedy = "write a value that the key can have; for patterns use `StringLike` or `ArnLike`"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
    bad = """{"Sid": "Guard", "Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*",
 "Condition": {"StringNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/admin-*"}}}"""
    good = """{"Sid": "Guard", "Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*",
 "Condition": {"StringNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/admin-*"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every condition with such values, unless no value of a positive condition is left: that one is dead."""
        for statement in policy.statements:
            for condition in statement.conditions:
                operator = condition.operator
                if operator is None or not condition.is_understood or operator.name == "Null":
                    continue
                reasons = {value: _why(condition, value) for value in condition.values}
                possible = [value for value in condition.values if can_match(condition, value)]
                if condition.positive and not possible:
                    continue
                # Beside the key's own Region others are those of its replicas.
                wrong = {value: why for value, why in reasons.items() if why and not (possible and why.is_elsewhere)}
                if wrong:
                    yield _hit(statement, condition, wrong)


def _why(condition: ConditionView, value: str) -> Impossible | None:
    if has_wildcard_taken_literally(condition, value):
        return taken_literally(condition)
    return why_impossible(condition, value)


def _hit(statement: StatementView, condition: ConditionView, wrong: dict[str, Impossible]) -> Hit:
    negated = condition.operator is not None and condition.operator.negated
    effect = "excepts nobody" if negated and not statement.allows else "matches nothing"
    value, found = next(iter(wrong.items()))
    remedies = list(dict.fromkeys(why.remedy for why in wrong.values() if why.remedy is not None))
    return Hit(
        (*condition.path, condition.values.index(value)),
        f"{listed(wrong)} {effect}: {found.why}",
        statement,
        "; ".join(remedies) or None,
    )
