"""KW408: a listed value that the key never has, beside others that it may have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.values import can_match, has_wildcard_taken_literally, why_impossible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import ConditionView, PolicyView, StatementView


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
        """Every such value, unless no value of a positive condition is left: then the statement is dead."""
        for statement in policy.statements:
            for condition in statement.conditions:
                operator = condition.operator
                if operator is None or condition.facts is None or operator.name == "Null":
                    continue
                wrong = [(value, why) for value in condition.values if (why := _why(condition, value)) is not None]
                if condition.positive and not any(can_match(condition, value) for value in condition.values):
                    continue
                for value, why in wrong:
                    yield Hit(_path(condition, value), _message(statement, condition, value, why), statement)


def _why(condition: ConditionView, value: str) -> str | None:
    if has_wildcard_taken_literally(condition, value):
        return f"`{condition.condition.operator}` takes its wildcard for an ordinary character"
    return why_impossible(condition, value)


def _path(condition: ConditionView, value: str) -> tuple[str | int, ...]:
    return (*condition.path, condition.values.index(value))


def _message(statement: StatementView, condition: ConditionView, value: str, why: str) -> str:
    negated = condition.operator is not None and condition.operator.negated
    effect = "excepts nobody" if negated and not statement.allows else "matches nothing"
    return f"`{value}` {effect}: {why}"
