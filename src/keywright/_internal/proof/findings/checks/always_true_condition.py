"""KW402: a condition that every request meets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.effects import live_combinations, outcomes
from keywright._internal.proof.findings.values import can_match

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import ConditionView, PolicyView


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
        """Every condition that holds for whatever its statement's other conditions leave."""
        for statement in policy.statements:
            for condition in statement.conditions:
                if condition.operator is None or not condition.values or condition.facts is None:
                    continue
                if not condition.facts.in_key_policies:
                    continue  # KW409 says so
                if condition.operator.negated and not any(can_match(condition, value) for value in condition.values):
                    continue  # KW408 says so
                combinations = live_combinations(statement, without=condition)
                if not combinations or any(False in outcomes(condition, *pair) for pair in combinations):
                    continue
                effect = "allows" if statement.allows else "denies"
                quiet = _is_only_superfluous(condition)
                yield Hit(
                    condition.path,
                    f"the condition on `{condition.name}` is always true, so the statement {effect} as if it weren't "
                    "there",
                    statement,
                    severity="low" if quiet else None,
                    persona="pedantic" if quiet else None,
                )


def _is_only_superfluous(condition: ConditionView) -> bool:
    """Whether it says what is so anyway, as guards copied from a wider statement do: harmless."""
    operator = condition.operator
    if operator is None or operator.name == "Null":
        return True
    return condition.key in {"aws:principalisawsservice", "aws:viaawsservice"}
