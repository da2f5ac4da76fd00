"""KW401: conditions that no request meets."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from keywright._internal.facts.condition_keys import spelled
from keywright._internal.facts.key_groups import SOURCE
from keywright._internal.facts.services import FOR_ITS_CALLER
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.effects import reach, unresolved
from keywright._internal.proof.findings.listing import listed
from keywright._internal.proof.findings.values import why_impossible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright._internal.facts.condition_keys import CallerKind
    from keywright._internal.proof.findings.elements import ConditionView
    from keywright._internal.proof.findings.subject import PolicyView, StatementView


class DeadStatement(Check):
    """A statement whose conditions can never hold for its principals and actions."""

    id = "KW401"
    name = "dead-statement"
    title = "The conditions can never be met"
    severity = "medium"
    why = (
        "A positive condition is false where its key is absent, and each key is sent only by some callers and with "
        "some actions: `kms:ViaService` never by a service, `aws:SourceAccount` never by a user or role, the "
        "encryption context never with DescribeKey. A value that the key never has does the same, and so do two keys "
        "that no request carries together. An Allow then gives nothing; a Deny protects nothing, and nobody notices."
    )
    remedy = "use a key that these callers send with these actions, and a value that it can have"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
    bad = """{"Sid": "Logs", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
 "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
 "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333",
  "kms:ViaService": "sns.eu-west-1.amazonaws.com"}}}"""
    good = """{"Sid": "Logs", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
 "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
 "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every statement whose conditions leave no caller any of its actions."""
        for statement in policy.statements:
            tests = [condition for condition in statement.conditions if condition.is_understood]
            if not statement.callers or not statement.covered or _reach(statement, tests):
                continue
            dead = [condition for condition in tests if not _reach(statement, [condition])]
            where, why, remedy = _one_by_one(statement, dead) if dead else _together(statement, tests)
            quiet = _is_harmless(statement, dead)
            yield Hit(
                where.path,
                f"the statement {statement.does} nothing: {why}",
                statement,
                remedy,
                severity="low" if quiet else None if statement.allows else "high",
                persona="pedantic" if quiet else None,
            )


def _reach(statement: StatementView, conditions: Sequence[ConditionView]) -> bool:
    return bool(reach(conditions, statement.callers, statement.covered))


def _one_by_one(statement: StatementView, dead: Sequence[ConditionView]) -> tuple[ConditionView, str, str | None]:
    found = [_why(statement, condition) for condition in dead]
    remedies = list(dict.fromkeys(remedy for _, remedy in found if remedy is not None))
    return dead[0], "; ".join(why for why, _ in found), "; ".join(remedies) or None


def _together(statement: StatementView, tests: Sequence[ConditionView]) -> tuple[ConditionView, str, str | None]:
    pairs = (pair for pair in combinations(tests, 2) if not _reach(statement, pair))
    found: Sequence[ConditionView] = next(pairs, tests)
    why = f"no request meets the conditions on {listed(item.name for item in found)} together"
    return found[0], why, "make a statement for each kind of caller: users and roles, and services"


def _is_harmless(statement: StatementView, dead: Sequence[ConditionView]) -> bool:
    """AWS's own sample pairs CodeStar notifications with `kms:ViaService`; and every call to KMS uses TLS anyway."""
    names = {principal.value for principal in statement.principals}
    if names == {"codestar-notifications.amazonaws.com"} and all(item.key == "kms:viaservice" for item in dead):
        return bool(dead)
    return any(item.key == "aws:securetransport" for item in dead) and not statement.allows


def _why(statement: StatementView, condition: ConditionView) -> tuple[str, str | None]:
    for value in condition.values:
        found = why_impossible(condition, value)
        if found is not None:
            return f"`{condition.name}` can't be `{value}`: {found.why}", found.remedy
        lost = [key for caller, action in _requests(statement) for key in unresolved(value, caller, action)]
        if lost:
            return f"`{value}` matches nothing: these callers have no `{spelled(lost[0])}`", None
    facts = condition.facts
    if statement.callers == {"service"}:
        why = f"a service that calls for itself never sends `{condition.name}`"
        return why, _name_the_caller(statement, condition) if condition.key == "kms:viaservice" else None
    if facts is not None and facts.people == "never":
        remedy = "name the service as principal; for people compare `aws:PrincipalArn` or `kms:ViaService`"
        return (
            f"users and roles never send `{condition.name}`; only a service does",
            remedy if condition.key in SOURCE else None,
        )
    return f"no request for these actions carries `{condition.name}`", None


def _requests(statement: StatementView) -> Iterator[tuple[CallerKind, str]]:
    return ((caller, action) for caller in sorted(statement.callers) for action in sorted(statement.covered))


def _name_the_caller(statement: StatementView, condition: ConditionView) -> str:
    """`kms:ViaService` is for calls that a service makes with the identity of whoever called it."""
    account = statement.home.account or "ACCOUNT"
    value = condition.values[0]
    caller = (
        "name the role or user that calls the service as principal, or "
        f'`{{"AWS": "*"}}` with `kms:CallerAccount` `{account}` beside `kms:ViaService` `{value}`'
    )
    if any(principal.service.name in FOR_ITS_CALLER for principal in statement.principals):
        return caller
    return f"{caller}; if the service itself is meant, compare `aws:SourceAccount` in place of `kms:ViaService`"
