"""Whether one statement matches one request, and every reason why it doesn't (sections 2 to 5 of the semantics)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright._internal.facts.actions import fold
from keywright._internal.proof.evaluation.conditions import condition_holds, parse_operator
from keywright._internal.proof.evaluation.decision import Mismatch, StatementTrace
from keywright._internal.proof.evaluation.matching import Level, best_level, matches_action, matches_resource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright._internal.policy.document import Condition, PolicyDocument, Principal, Statement
    from keywright._internal.proof.evaluation.request import Caller

VARIABLES_VERSION = "2012-10-17"
"""In any other Version, and without one, `${…}` is literal text (section 5.5)."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A request as one kind of policy sees it."""

    caller: Caller
    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]]
    partition: str | None
    """The key's partition, in which a bare account number in a Principal is read."""
    names_principals: bool
    """Whether the policy's statements name whom they are about: a key policy's do, an identity policy's don't."""
    bounded: bool
    """Whether the caller has a permissions boundary."""


def trace_policy(policy: PolicyDocument, subject: Subject, name: str) -> tuple[StatementTrace, ...]:
    """What each statement of a policy says on the request, in the policy's order."""
    variables = policy.version == VARIABLES_VERSION
    return tuple(
        _trace(statement, subject, name, index, variables=variables)
        for index, statement in enumerate(policy.statements)
    )


def _trace(statement: Statement, subject: Subject, name: str, index: int, *, variables: bool) -> StatementTrace:
    level, mismatches = _principal(statement, subject)
    mismatches += [
        *_action(statement, subject),
        *_resource(statement, subject, variables=variables),
        *_conditions(statement, subject, variables=variables),
    ]
    return StatementTrace(
        policy=name,
        index=index,
        sid=statement.sid,
        effect=statement.effect,
        matched=not mismatches,
        level=level,
        mismatches=tuple(mismatches),
    )


def _principal(statement: Statement, subject: Subject) -> tuple[Level | None, list[Mismatch]]:  # noqa: PLR0911 - one return a rule
    """Principal and NotPrincipal (sections 2.1 and 2.2)."""
    given = (subject.caller.arn,)
    if not subject.names_principals:
        return None, []
    if statement.principals is not None:
        level = best_level(statement.principals, subject.caller, subject.partition)
        if level is not None:
            return level, []
        message = f"the principal isn't {subject.caller.arn}"
        return None, [Mismatch("Principal", message, _values(statement.principals), given)]
    if statement.not_principals is None:
        return None, [Mismatch("Principal", "the statement names no principal", (), given)]
    if statement.effect == "Deny" and subject.bounded:
        return Level.EVERYONE, []  # 2.2: it hits whoever has a permissions boundary, listed or not
    if best_level(statement.not_principals, subject.caller, subject.partition) is None:
        return Level.EVERYONE, []
    message = f"{subject.caller.arn} is excepted by NotPrincipal"
    return None, [Mismatch("NotPrincipal", message, _values(statement.not_principals), given)]


def _action(statement: Statement, subject: Subject) -> Iterator[Mismatch]:
    """Action and NotAction (section 3); without either a statement has no effect (section 4)."""
    given = (subject.action,)
    if statement.actions is not None:
        if not any(matches_action(pattern, subject.action) for pattern in statement.actions):
            yield Mismatch("Action", f"{subject.action} isn't listed", statement.actions, given)
    elif statement.not_actions is None:
        yield Mismatch("Action", "a statement without an Action has no effect", (), given)
    elif any(matches_action(pattern, subject.action) for pattern in statement.not_actions):
        yield Mismatch("NotAction", f"{subject.action} is excepted by NotAction", statement.not_actions, given)


def _resource(statement: Statement, subject: Subject, *, variables: bool) -> Iterator[Mismatch]:
    """Resource and NotResource; without either a statement has no effect, Allow or Deny (section 4)."""
    given = (subject.resource,)

    def covers(pattern: str) -> bool:
        return matches_resource(pattern, subject.resource, subject.context, variables=variables)

    if statement.resources is not None:
        if not any(covers(pattern) for pattern in statement.resources):
            yield Mismatch("Resource", "the resource isn't this one", statement.resources, given)
    elif statement.not_resources is None:
        yield Mismatch("Resource", "a statement without a Resource has no effect", (), given)
    elif any(covers(pattern) for pattern in statement.not_resources):
        yield Mismatch("NotResource", "the resource is excepted by NotResource", statement.not_resources, given)


def _conditions(statement: Statement, subject: Subject, *, variables: bool) -> Iterator[Mismatch]:
    """All conditions must hold (section 5.1)."""
    for condition in statement.conditions:
        if not condition_holds(condition, subject.context, variables=variables):
            given = tuple(subject.context.get(fold(condition.key), ()))
            message = _condition_message(condition, given)
            yield Mismatch("Condition", message, condition.values, given, condition)


def _condition_message(condition: Condition, given: tuple[str, ...]) -> str:
    if parse_operator(condition.operator) is None:
        return f"{condition.operator} is no condition operator"
    has = f"the request has {_listed(given)}" if given else "the request doesn't carry the key"
    return f"{condition.operator} {condition.key} {_listed(condition.values)} is false: {has}"


def _listed(values: tuple[str, ...]) -> str:
    return f"`{values[0]}`" if len(values) == 1 else f"[{', '.join(f'`{value}`' for value in values)}]"


def _values(principals: tuple[Principal, ...]) -> tuple[str, ...]:
    return tuple(principal.value for principal in principals)
