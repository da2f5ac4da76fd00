"""Evaluation in bulk: a policy compiled once, then asked about many requests.

The decisions are the reference's (`evaluator`), without its trace: statements become bits, and
what a statement's action, principal and resource say is remembered for each value met. A condition's values are
tested by the reference's own functions and remembered too, so no rule is written twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from keywright._internal.facts.actions import IAM_ONLY, RE_ENCRYPT, RE_ENCRYPT_ACTIONS, fold
from keywright._internal.facts.condition_keys import is_multivalued
from keywright._internal.proof.evaluation.conditions import (
    condition_holds,
    holds_when_absent,
    parse_operator,
    value_matches,
)
from keywright._internal.proof.evaluation.evaluator import SEVERITY, covering, key_policy_context
from keywright._internal.proof.evaluation.layers import (
    Layers,
    MatchedStatements,
    Verdict,
    applicable,
    decide,
    names_principals,
)
from keywright._internal.proof.evaluation.matching import Level, best_level, matches_action, matches_resource
from keywright._internal.proof.evaluation.request import Context, complete_context
from keywright._internal.proof.evaluation.statements import VARIABLES_VERSION
from keywright._internal.proof.evaluation.variables import has_variables

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keywright._internal.policy.document import Condition, PolicyDocument, Statement
    from keywright._internal.proof.evaluation.grants import Grant
    from keywright._internal.proof.evaluation.request import Caller, Request

Test = Callable[[Context], bool]
K = TypeVar("K")
V = TypeVar("V")

_REMEMBERED: Final = 4096
"""How many values of each attribute are remembered before starting over: memory stays bounded."""


class CompiledPolicy:
    """One policy, ready to be asked often.

    Args:
        document: the policy.
        names_principals: whether its statements say whom they are about, as a key policy's do.
    """

    __slots__ = (
        "_actions",
        "_allows",
        "_callers",
        "_principals_named",
        "_resources",
        "_tests",
        "_variable_resources",
        "_variables",
        "document",
        "names",
    )

    def __init__(self, document: PolicyDocument, *, names_principals: bool = True) -> None:
        self.document = document
        self.names = tuple(item.sid or f"statement[{at}]" for at, item in enumerate(document.statements))
        self._principals_named = names_principals
        self._variables = document.version == VARIABLES_VERSION
        self._allows = [statement.effect == "Allow" for statement in document.statements]
        self._tests = [self._compile_conditions(statement) for statement in document.statements]
        self._variable_resources = _mask(
            self._variables and any(map(has_variables, (*(item.resources or ()), *(item.not_resources or ()))))
            for item in document.statements
        )
        self._actions: dict[str, int] = {}
        self._callers: dict[tuple[Caller, str | None, bool], tuple[int, tuple[Level | None, ...]]] = {}
        self._resources: dict[str, int] = {}

    def says(
        self, action: str, caller: Caller, partition: str | None, resource: str, context: Context, *, bounded: bool
    ) -> MatchedStatements:
        """Which statements match; the arguments are those of `statements.Subject`."""
        matched = self._actions.get(action)
        if matched is None:
            matched = _remember(self._actions, action, self._by_action(action))
        if not matched:
            return _NOTHING
        by_caller = self._callers.get((caller, partition, bounded))
        if by_caller is None:
            named = self._by_caller(caller, partition, bounded=bounded)
            by_caller = _remember(self._callers, (caller, partition, bounded), named)
        matched &= by_caller[0]
        if not matched:
            return _NOTHING
        by_resource = self._resources.get(resource)
        if by_resource is None:
            by_resource = _remember(self._resources, resource, self._by_resource(resource))
        matched &= by_resource
        return self._said(matched, by_caller[1], resource, context) if matched else _NOTHING

    def _said(
        self, matched: int, levels: tuple[Level | None, ...], resource: str, context: Context
    ) -> MatchedStatements:
        allows: list[tuple[int, Level | None]] = []
        denies: list[int] = []
        while matched:
            bit = matched & -matched
            matched ^= bit
            index = bit.bit_length() - 1
            if bit & self._variable_resources and not self._covers(index, resource, context):
                continue
            if not all(test(context) for test in self._tests[index]):
                continue
            if self._allows[index]:
                allows.append((index, levels[index]))
            else:
                denies.append(index)
        return MatchedStatements(tuple(allows), tuple(denies)) if allows or denies else _NOTHING

    def _by_action(self, action: str) -> int:
        def listed(patterns: Sequence[str]) -> bool:
            return any(matches_action(pattern, action) for pattern in patterns)

        return _mask(
            listed(item.actions) if item.actions is not None else _not(item.not_actions, listed)
            for item in self.document.statements
        )

    def _by_caller(
        self, caller: Caller, partition: str | None, *, bounded: bool
    ) -> tuple[int, tuple[Level | None, ...]]:
        if not self._principals_named:
            return _mask(True for _ in self.document.statements), (None,) * len(self.document.statements)
        levels: list[Level | None] = []
        for statement in self.document.statements:
            if statement.principals is not None:
                levels.append(best_level(statement.principals, caller, partition))
            elif statement.not_principals is None:
                levels.append(None)
            else:
                excepted = best_level(statement.not_principals, caller, partition) is not None
                hit = not excepted or (bounded and statement.effect == "Deny")
                levels.append(Level.EVERYONE if hit else None)
        return _mask(level is not None for level in levels), tuple(levels)

    def _by_resource(self, resource: str) -> int:
        """By resource where no variable is involved; a statement with one may match, and is tested later."""

        def listed(patterns: Sequence[str]) -> bool:
            return any(matches_resource(pattern, resource, {}, variables=False) for pattern in patterns)

        fixed = _mask(
            listed(item.resources) if item.resources is not None else _not(item.not_resources, listed)
            for item in self.document.statements
        )
        return fixed | self._variable_resources

    def _covers(self, index: int, resource: str, context: Context) -> bool:
        def listed(patterns: Sequence[str]) -> bool:
            return any(matches_resource(pattern, resource, context, variables=True) for pattern in patterns)

        statement = self.document.statements[index]
        if statement.resources is not None:
            return listed(statement.resources)
        return _not(statement.not_resources, listed)

    def _compile_conditions(self, statement: Statement) -> list[Test]:
        return [_compile(condition, variables=self._variables) for condition in statement.conditions]


_NOTHING: Final = MatchedStatements()


class BulkEvaluator:
    """The policies around one key, ready for many requests; arguments as of `proof.evaluate`."""

    def __init__(
        self,
        policy: PolicyDocument,
        *,
        identity_policies: Iterable[PolicyDocument] = (),
        grants: Sequence[Grant] = (),
        service_control_policies: Iterable[PolicyDocument] = (),
        resource_control_policies: Iterable[PolicyDocument] = (),
        permissions_boundary: PolicyDocument | None = None,
        session_policy: PolicyDocument | None = None,
        endpoint_policy: PolicyDocument | None = None,
    ) -> None:
        documents = Layers(
            key=policy,
            identities=tuple(identity_policies),
            service_control=tuple(service_control_policies),
            resource_control=tuple(resource_control_policies),
            boundary=permissions_boundary,
            session=session_policy,
            endpoint=endpoint_policy,
        )
        self._layers = documents.map(
            lambda name, document: CompiledPolicy(document, names_principals=names_principals(name))
        )
        self._grants = grants

    def decide(self, request: Request) -> Verdict:
        """The decision on one request: the reference's, without a trace."""
        return decide_compiled(self._layers, request, self._grants)


def decide_compiled(layers: Layers[CompiledPolicy], request: Request, grants: Sequence[Grant] = ()) -> Verdict:
    """The decision on one request, from compiled policies."""
    if request.action == RE_ENCRYPT:
        both = [_decide(layers, replace(request, action=action), grants) for action in RE_ENCRYPT_ACTIONS]
        return min(both, key=lambda verdict: SEVERITY.index(verdict.outcome))
    return _decide(layers, request, grants)


def _decide(layers: Layers[CompiledPolicy], request: Request, grants: Sequence[Grant]) -> Verdict:
    asked = applicable(layers, request)
    action, caller, key = request.action, request.caller, request.key
    resource = "*" if action in IAM_ONLY else request.resource
    partition = key.partition if key else None
    context = complete_context(request)
    bounded = layers.boundary is not None and caller.kind in {"user", "role"}

    def says(policy: CompiledPolicy) -> MatchedStatements:
        return policy.says(action, caller, partition, resource, context, bounded=bounded)

    said = Layers(
        asked.key.says(action, caller, partition, resource, key_policy_context(context), bounded=bounded)
        if asked.key is not None
        else None,
        tuple(map(says, asked.identities)),
        tuple(map(says, asked.service_control)),
        tuple(map(says, asked.resource_control)),
        says(asked.boundary) if asked.boundary is not None else None,
        says(asked.session) if asked.session is not None else None,
        says(asked.endpoint) if asked.endpoint is not None else None,
    )
    return decide(request, said, covering(grants, request, context), restricted=bool(asked.service_control))


# --- Conditions ---------------------------------------------------------------------------------------------


def _compile(condition: Condition, *, variables: bool) -> Test:
    """A condition as a function of the context; where it has variables, the reference looks them up each time."""
    operator = parse_operator(condition.operator)
    looked_up = (
        variables and operator is not None and operator.takes_variables and any(map(has_variables, condition.values))
    )
    if operator is None or operator.name == "Null" or looked_up:
        return lambda context: condition_holds(condition, context, variables=variables)
    key = fold(condition.key)
    absent = holds_when_absent(operator)
    listed_key = is_multivalued(condition.key)
    known: dict[str, bool] = {}

    def fits(value: str) -> bool:
        answer = known.get(value)
        if answer is None:
            answer = _remember(known, value, value_matches(operator, condition, value, {}, variables=variables))
        return answer

    def single(context: Context) -> bool:
        values = context.get(key)
        if not values:
            return absent
        return len(values) == 1 and not listed_key and fits(values[0])

    def each(context: Context) -> bool:
        values = context.get(key)
        return all(map(fits, values)) if values else absent

    def some(context: Context) -> bool:
        values = context.get(key)
        return any(map(fits, values)) if values else absent

    return {"": single, "ForAllValues": each, "ForAnyValue": some}[operator.quantifier]


def _mask(bits: Iterable[bool]) -> int:
    return sum(1 << index for index, bit in enumerate(bits) if bit)


def _not(patterns: Sequence[str] | None, listed: Callable[[Sequence[str]], bool]) -> bool:
    """What a Not… element says; a statement with neither element matches nothing."""
    return patterns is not None and not listed(patterns)


def _remember(table: dict[K, V], key: K, value: V) -> V:
    if len(table) >= _REMEMBERED:
        table.clear()
    table[key] = value
    return value


__all__ = ["BulkEvaluator", "CompiledPolicy", "Verdict", "decide_compiled"]
