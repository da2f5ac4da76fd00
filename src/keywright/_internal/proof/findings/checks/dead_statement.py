"""KW401: conditions that no request meets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.effects import live_combinations, outcomes
from keywright._internal.proof.findings.values import has_wildcard_taken_literally, why_impossible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import ConditionView, PolicyView, StatementView


class DeadStatement(Check):
    """A statement whose conditions can never hold for its principals and actions."""

    id = "KW401"
    name = "dead-statement"
    title = "The conditions can never be met"
    severity = "medium"
    why = (
        "A positive condition is false where its key is absent, and each key is sent only by some callers and with "
        "some actions: `kms:ViaService` never by a service, `aws:SourceAccount` never by a user or role, the "
        "encryption context never with DescribeKey. A value that the key never has does the same. An Allow then gives "
        "nothing; a Deny protects nothing, and nobody notices."
    )
    remedy = "use a key that these callers send with these actions, and a value that it can have"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
    bad = """{"Sid": "Logs", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333",
  "kms:ViaService": "sns.eu-west-1.amazonaws.com"}}}"""
    good = """{"Sid": "Logs", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every condition that alone keeps its statement from ever matching."""
        for statement in policy.statements:
            for condition in statement.conditions:
                if condition.operator is None or not condition.values or condition.facts is None:
                    continue  # KW303, KW406 and KW407 say so
                if not condition.facts.in_key_policies:
                    continue  # and KW409
                combinations = live_combinations(statement, without=condition)
                if not combinations or any(True in outcomes(condition, *pair) for pair in combinations):
                    continue
                effect = "allows" if statement.allows else "denies"
                quiet = _is_documented(statement, condition)
                yield Hit(
                    condition.path,
                    f"the statement {effect} nothing: {_why(statement, condition)}",
                    statement,
                    severity="low" if quiet else None if statement.allows else "high",
                    persona="pedantic" if quiet else None,
                )


def _is_documented(statement: StatementView, condition: ConditionView) -> bool:
    """AWS's own sample for CodeStar notifications pairs its service with kms:ViaService."""
    names = {principal.value for principal in statement.principals}
    return condition.key == "kms:viaservice" and names == {"codestar-notifications.amazonaws.com"}


def _why(statement: StatementView, condition: ConditionView) -> str:
    for value in condition.values:
        if has_wildcard_taken_literally(condition, value):
            return f"`{condition.condition.operator}` takes the wildcard in `{value}` for an ordinary character"
        reason = why_impossible(condition, value)
        if reason is not None:
            return f"`{condition.name}` can't be `{value}`: {reason}"
    facts = condition.facts
    if statement.callers == {"service"}:
        return f"a service that calls for itself never sends `{condition.name}`"
    if facts is not None and facts.people == "never":
        return f"users and roles never send `{condition.name}`; only a service does"
    return f"no request for these actions carries `{condition.name}`"
