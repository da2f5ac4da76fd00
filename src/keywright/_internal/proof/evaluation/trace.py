"""In words, why an element of a statement doesn't match a request.

Whether it matches is decided in `compiled_policy` alone; nothing here is a rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import fold
from keywright._internal.proof.evaluation.conditions import parse_operator
from keywright._internal.proof.evaluation.decision import Mismatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from keywright._internal.policy.document import Condition, Principal, Statement


def principal_mismatch(statement: Statement, caller: str) -> Mismatch:
    """Why the caller isn't one that the statement is about (sections 2.1 and 2.2 of the semantics)."""
    given = (caller,)
    if statement.principals is not None:
        return Mismatch("Principal", f"the principal isn't {caller}", _values(statement.principals), given)
    if statement.not_principals is None:
        return Mismatch("Principal", "the statement names no principal", (), given)
    return Mismatch("NotPrincipal", f"{caller} is excepted by NotPrincipal", _values(statement.not_principals), given)


def action_mismatch(statement: Statement, action: str) -> Mismatch:
    """Why the action isn't one of the statement's (section 3)."""
    given = (action,)
    if statement.actions is not None:
        return Mismatch("Action", f"{action} isn't listed", statement.actions, given)
    if statement.not_actions is None:
        return Mismatch("Action", "a statement without an Action has no effect", (), given)
    return Mismatch("NotAction", f"{action} is excepted by NotAction", statement.not_actions, given)


def resource_mismatch(statement: Statement, resource: str) -> Mismatch:
    """Why the resource isn't one of the statement's (section 4)."""
    given = (resource,)
    if statement.resources is not None:
        return Mismatch("Resource", "the resource isn't this one", statement.resources, given)
    if statement.not_resources is None:
        return Mismatch("Resource", "a statement without a Resource has no effect", (), given)
    return Mismatch("NotResource", "the resource is excepted by NotResource", statement.not_resources, given)


def condition_mismatch(condition: Condition, context: Mapping[str, tuple[str, ...]]) -> Mismatch:
    """Why a condition doesn't hold (section 5)."""
    given = tuple(context.get(fold(condition.key), ()))
    if parse_operator(condition.operator) is None:
        message = f"{condition.operator} is no condition operator"
    else:
        has = f"the request has {_listed(given)}" if given else "the request doesn't carry the key"
        message = f"{condition.operator} {condition.key} {_listed(condition.values)} is false: {has}"
    return Mismatch("Condition", message, condition.values, given, condition)


def _listed(values: tuple[str, ...]) -> str:
    return f"`{values[0]}`" if len(values) == 1 else f"[{', '.join(f'`{value}`' for value in values)}]"


def _values(principals: tuple[Principal, ...]) -> tuple[str, ...]:
    return tuple(principal.value for principal in principals)
