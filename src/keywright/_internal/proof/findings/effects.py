"""Whether conditions can hold, and fail, for a kind of caller and an action: the one answer that all checks share.

Only what is certain counts: where nothing is known of a key, a condition on it can go either way. Conditions are
taken one by one; those that contradict one another on the same key are a check of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.facts.condition_keys import key_facts
from keywright._internal.proof.evaluation.conditions import condition_holds, holds_when_absent
from keywright._internal.proof.evaluation.variables import expand, variable_keys
from keywright._internal.proof.findings.values import can_match, is_unreadable, matches_everything

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright._internal.facts.condition_keys import CallerKind
    from keywright._internal.proof.findings.elements import ConditionView

_IS_SERVICE: Final = "aws:principalisawsservice"


def outcomes(condition: ConditionView, caller: CallerKind, action: str | None) -> frozenset[bool]:
    """The results that the condition can have for requests of this caller and action."""
    operator, facts = condition.operator, condition.facts
    if operator is None:
        return frozenset({False})
    if condition.key == _IS_SERVICE:
        context = {_IS_SERVICE: ("true" if caller == "service" else "false",)}
        return frozenset({condition_holds(condition.condition, context, variables=False)})
    presence = facts.presence(caller, action) if facts else "never"
    found: set[bool] = set()
    if presence != "always":
        found.add(_when_absent(condition))
    if presence != "never":
        found |= _when_present(condition, caller, action)
    return frozenset(found)


def _when_absent(condition: ConditionView) -> bool:
    operator = condition.operator
    if operator is None:
        return False
    if operator.name == "Null":
        return any(value.lower() == "true" for value in condition.values)
    return holds_when_absent(operator)


def _when_present(condition: ConditionView, caller: CallerKind, action: str | None) -> frozenset[bool]:
    operator = condition.operator
    if operator is None:
        return frozenset({False})
    values = condition.values
    if operator.negated and is_unreadable(condition):
        return frozenset({False})
    if operator.name == "Null":
        return frozenset({any(value.lower() == "false" for value in values)})
    matching = [value for value in values if can_match(condition, value) and not unresolved(value, caller, action)]
    found = {False} if not matching else {True, False}
    if any(matches_everything(condition, value) for value in matching):
        found = {True}
    return frozenset(not result for result in found) if operator.negated else frozenset(found)


def unresolved(value: str, caller: CallerKind, action: str | None) -> tuple[str, ...]:
    """The variables of a listed value that such requests never fill, so that it matches nothing; none where they may.

    A variable of a key with several values has none either.
    """
    keys = variable_keys(value)
    if not keys:
        return ()
    known = {key: key_facts(key) for key in keys}
    never = [
        key
        for key, facts in known.items()
        if facts is None or facts.multivalued or facts.presence(caller, action) == "never"
    ]
    filled = {fold(key): ("-",) for key in keys if key not in never}
    return () if expand(value, filled, variables=True, wildcards=False) is not None else tuple(never)


def reach(
    conditions: Iterable[ConditionView], callers: Iterable[CallerKind], actions: Iterable[str]
) -> frozenset[tuple[CallerKind, str]]:
    """The callers and actions for which each of the conditions can hold."""
    chosen, found = tuple(conditions), tuple(callers)
    return frozenset(
        (caller, action)
        for action in actions
        for caller in found
        if all(True in outcomes(condition, caller, action) for condition in chosen)
    )


def always_holds(condition: ConditionView, callers: Iterable[CallerKind], actions: Iterable[str]) -> bool:
    """Whether the condition holds for every request of these callers and actions."""
    found = tuple(callers)
    return all(outcomes(condition, caller, action) == {True} for action in actions for caller in found)
