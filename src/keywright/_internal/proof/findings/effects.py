"""Whether a condition can be true, or false, for a kind of caller and an action, and what follows for a statement.

Only what is certain counts: where nothing is known of a key, a condition on it can go either way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.evaluation.conditions import holds_when_absent
from keywright._internal.proof.findings.values import can_match, matches_everything

if TYPE_CHECKING:
    from keywright._internal.facts.condition_keys import Caller
    from keywright._internal.proof.findings.subject import ConditionView, PrincipalView, StatementView


def outcomes(condition: ConditionView, caller: Caller, action: str | None) -> frozenset[bool]:
    """The results that the condition can have for requests of this caller and action."""
    operator, facts = condition.operator, condition.facts
    if operator is None:
        return frozenset({False})
    presence = facts.presence(caller, action) if facts else "never"
    found: set[bool] = set()
    if presence != "always":
        found.add(_when_absent(condition))
    if presence != "never":
        found |= _when_present(condition)
    return frozenset(found)


def _when_absent(condition: ConditionView) -> bool:
    operator = condition.operator
    if operator is None:
        return False
    if operator.name == "Null":
        return any(value.lower() == "true" for value in condition.values)
    return holds_when_absent(operator)


def _when_present(condition: ConditionView) -> frozenset[bool]:
    operator = condition.operator
    if operator is None:
        return frozenset({False})
    values = condition.values
    if operator.name == "Null":
        return frozenset({any(value.lower() == "false" for value in values)})
    matching = [value for value in values if can_match(condition, value)]
    found = {False} if not matching else {True, False}
    if any(matches_everything(condition, value) for value in matching):
        found = {True}
    return frozenset(not result for result in found) if operator.negated else frozenset(found)


def can_apply(statement: StatementView, caller: Caller, action: str | None) -> bool:
    """Whether each condition, taken alone, can be true for requests of this caller and action."""
    return all(True in outcomes(condition, caller, action) for condition in statement.conditions)


def principal_can_match(statement: StatementView, principal: PrincipalView) -> bool:
    """Whether the conditions leave this principal a request."""
    return any(can_apply(statement, caller, action) for caller in principal.callers for action in statement.covered)


def live_combinations(statement: StatementView, *, without: ConditionView) -> tuple[tuple[Caller, str], ...]:
    """The callers and actions that all conditions but one leave possible."""
    others = [condition for condition in statement.conditions if condition is not without]
    return tuple(
        (caller, action)
        for caller in sorted(statement.callers)
        for action in sorted(statement.covered)
        if all(True in outcomes(condition, caller, action) for condition in others)
    )
