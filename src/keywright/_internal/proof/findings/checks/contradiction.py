"""KW413: conditions that exclude one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.proof.evaluation.conditions import condition_holds
from keywright._internal.proof.evaluation.request import Caller, Request, complete_context
from keywright._internal.proof.evaluation.variables import has_variables
from keywright._internal.proof.findings.check import Check, Hit
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.elements import ConditionView, PrincipalView
    from keywright._internal.proof.findings.finding import Severity
    from keywright._internal.proof.findings.subject import PolicyView, StatementView

_EXACT: Final = frozenset(
    {"StringEquals", "StringEqualsIgnoreCase", "NumericEquals", "DateEquals", "Bool", "BinaryEquals"}
)
_OF_THE_CALLER: Final = frozenset({"aws:principalarn", "aws:principalaccount", "kms:calleraccount"})
_KEY: Final = "arn:aws:kms:us-east-1:111122223333:key/K"


class Contradiction(Check):
    """Conditions on one key, or a principal and a condition on it, that no request meets together."""

    id = "KW413"
    name = "contradiction"
    title = "The conditions exclude one another"
    severity = "medium"
    why = (
        "All conditions of a statement must hold together, and with its principal. Where two ask the same key for "
        "different values, or a condition on the caller's ARN or account names another than the principal, no request "
        "meets them: an Allow gives nothing, a Deny protects nothing."
    )
    remedy = "list the alternatives in one condition, or make a statement of each"
    source_url = (
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
        "reference_policies_condition-logic-multiple-context-keys-or-values.html"
    )
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"},
  "StringLike": {"kms:ViaService": "ec2.*.amazonaws.com"}}}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringLike": {"kms:ViaService": ["s3.eu-west-1.amazonaws.com", "ec2.*.amazonaws.com"]}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every statement whose conditions on one key leave none of the values that it can have."""
        for statement in policy.statements:
            if not any(map(statement.lets_match, statement.principals)):
                continue  # KW401 says so
            found = next(_contradictions(statement), None)
            if found is not None:
                condition, why = found
                severity: Severity | None = None if statement.allows else "high"
                yield Hit(
                    condition.path, f"the statement {statement.does} nothing: {why}", statement, severity=severity
                )


def _contradictions(statement: StatementView) -> Iterator[tuple[ConditionView, str]]:
    for key in dict.fromkeys(condition.key for condition in statement.conditions):
        tests = statement.conditions_on(key)
        values = [value for test in tests for value in test.values]
        multivalued = any(test.facts is None or test.facts.multivalued for test in tests)
        if multivalued or any(map(has_variables, values)) or any(test.operator is None for test in tests):
            continue
        if key in _OF_THE_CALLER and (given := _of_callers(statement, key)) is not None:
            if not any(_all_hold(tests, value) for value in given):
                yield tests[0], f"no principal of it has such a `{tests[0].name}`"
        elif any(map(_demands_absence, tests)) and any(test.positive for test in tests):
            yield tests[-1], f"it wants `{tests[0].name}` both absent and with a value"
        elif len(tests) > 1:
            exact = next((test for test in tests if test.positive and _is_exact(test)), None)
            if exact is not None and not any(_all_hold(tests, value) for value in _candidates(values)):
                yield tests[-1], f"its conditions on `{tests[0].name}` exclude one another"


def _candidates(values: list[str]) -> set[str]:
    """The values that an exact test may match: a number and a text without case are written in several ways."""
    return {*values, *map(fold, values), "true", "false"}


def _demands_absence(test: ConditionView) -> bool:
    return (
        test.operator is not None and test.operator.name == "Null" and {fold(item) for item in test.values} == {"true"}
    )


def _is_exact(test: ConditionView) -> bool:
    return test.operator is not None and test.operator.positive in _EXACT


def _all_hold(tests: tuple[ConditionView, ...], value: str) -> bool:
    return all(condition_holds(test.condition, {test.key: (value,)}, variables=False) for test in tests)


def _of_callers(statement: StatementView, key: str) -> set[str] | None:
    """The values of a key that follow from the principals; None where a principal leaves it open."""
    found: set[str] = set()
    for principal in statement.principals:
        value = _of_caller(principal, key)
        if value is None:
            return None
        found.add(value)
    return found or None


def _of_caller(principal: PrincipalView, key: str) -> str | None:
    if principal.is_account and key != "aws:principalarn":
        return principal.account
    # A session's ARN doesn't tell its role's path, and an account is many identities.
    if principal.is_account or principal.is_service or ":assumed-role/" in principal.value:
        return None
    try:
        caller = Caller.parse(principal.value)
    except InputError:
        return None
    return complete_context(Request(caller, "kms:Decrypt", _KEY)).get(key, (None,))[0]
