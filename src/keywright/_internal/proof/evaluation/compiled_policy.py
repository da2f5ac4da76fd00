"""A policy ready to be asked often: which of its statements match a request (sections 2 to 5 of the semantics).

Statements become bits, and what a statement's action, principal and resource say is remembered for each value met.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from keywright._internal.facts.actions import fold
from keywright._internal.proof.evaluation.conditions import compile_condition
from keywright._internal.proof.evaluation.decision import StatementTrace
from keywright._internal.proof.evaluation.matching import Level, best_level, matches_action, matches_resource
from keywright._internal.proof.evaluation.request import Caller, Context
from keywright._internal.proof.evaluation.trace import (
    action_mismatch,
    condition_mismatch,
    principal_mismatch,
    resource_mismatch,
)
from keywright._internal.proof.evaluation.variables import VARIABLES_VERSION, has_variables, variable_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from keywright._internal.policy.document import PolicyDocument, Statement
    from keywright._internal.policy.parsing import PolicyKind

_REMEMBERED: Final = 4096
"""How many values of each attribute a policy remembers: memory stays bounded."""


class Subject(NamedTuple):
    """A request as one policy sees it."""

    caller: Caller
    action: str
    resource: str
    context: Context
    partition: str | None
    """The key's partition, in which a bare account number in a Principal is read."""
    bounded: bool
    """Whether the caller has a permissions boundary."""


class MatchedStatements(NamedTuple):
    """Which statements of one policy match the request, by index."""

    allows: tuple[tuple[int, Level | None], ...] = ()
    denies: tuple[int, ...] = ()


_NOTHING: Final = MatchedStatements()


class CompiledPolicy:
    """One policy, ready to be asked often.

    Args:
        document: the policy.
        kind: whether its statements say whom they are about, as a key policy's do.
    """

    def __init__(self, document: PolicyDocument, kind: PolicyKind = "resource") -> None:
        self.document = document
        self.names = tuple(item.sid or f"statement[{at}]" for at, item in enumerate(document.statements))
        self.kind: PolicyKind = kind
        self.condition_keys = frozenset(_condition_keys(document))
        """Which context keys it asks for, lower-cased; of a family only its name, such as `aws:resourcetag/`."""
        self.variables = document.version == VARIABLES_VERSION
        self._allows = [statement.effect == "Allow" for statement in document.statements]
        self._tests = [
            [compile_condition(condition, variables=self.variables) for condition in statement.conditions]
            for statement in document.statements
        ]
        self._looking_up = _mask(
            self.variables and any(map(has_variables, (*(item.resources or ()), *(item.not_resources or ()))))
            for item in document.statements
        )
        self._by_action = lru_cache(_REMEMBERED)(self._match_action)
        self._by_caller = lru_cache(_REMEMBERED)(self._match_caller)
        self._by_resource = lru_cache(_REMEMBERED)(self._match_resource)

    def matched(self, subject: Subject) -> MatchedStatements:
        """Which statements match."""
        caller, action, resource, context, partition, bounded = subject
        matched = self._by_action(action)
        if not matched:
            return _NOTHING
        by_caller, levels = self._by_caller(caller, partition, bounded)
        matched &= by_caller
        if not matched:
            return _NOTHING
        matched &= self._by_resource(resource)
        allows: list[tuple[int, Level | None]] = []
        denies: list[int] = []
        while matched:
            bit = matched & -matched
            matched ^= bit
            index = bit.bit_length() - 1
            if bit & self._looking_up and not self._covers(index, resource, context):
                continue
            if not all(test(context) for test in self._tests[index]):
                continue
            if self._allows[index]:
                allows.append((index, levels[index]))
            else:
                denies.append(index)
        return MatchedStatements(tuple(allows), tuple(denies)) if allows or denies else _NOTHING

    def applying(self, subject: Subject) -> Iterator[tuple[int, Level | None, bool]]:
        """The statements that match but for their conditions, and by which form of principal.

        The third says whether a policy variable in Resource or NotResource decides as well.
        """
        by_caller, levels = self._by_caller(subject.caller, subject.partition, subject.bounded)
        applying = self._by_action(subject.action) & by_caller & self._by_resource(subject.resource)
        while applying:
            bit = applying & -applying
            applying ^= bit
            index = bit.bit_length() - 1
            yield index, levels[index], bool(bit & self._looking_up)

    def allowing(self, action: str) -> list[Statement]:
        """The Allow statements for an action, whoever calls."""
        return self._covering(action, allows=True)

    def denying(self, action: str) -> list[Statement]:
        """The Deny statements for an action, whoever calls."""
        return self._covering(action, allows=False)

    def _covering(self, action: str, *, allows: bool) -> list[Statement]:
        covering = self._by_action(action)
        statements = enumerate(self.document.statements)
        return [item for index, item in statements if covering >> index & 1 and self._allows[index] is allows]

    def allows_action(self, action: str) -> bool:
        """Whether some Allow statement covers the action on something."""
        return any(self.allowing(action))

    def trace(self, subject: Subject, name: str) -> Iterator[StatementTrace]:
        """What each statement says and every reason why it doesn't match, in the policy's order.

        Args:
            subject: the request.
            name: the policy's, for people.
        """
        caller, action, resource, context, partition, bounded = subject
        by_action, by_resource = self._by_action(action), self._by_resource(resource)
        by_caller, levels = self._by_caller(caller, partition, bounded)
        for index, statement in enumerate(self.document.statements):
            bit = 1 << index
            covered = by_resource & bit and (not bit & self._looking_up or self._covers(index, resource, context))
            mismatches = (
                *(() if by_caller & bit else [principal_mismatch(statement, caller.arn)]),
                *(() if by_action & bit else [action_mismatch(statement, action)]),
                *(() if covered else [resource_mismatch(statement, resource)]),
                *(
                    condition_mismatch(condition, context)
                    for condition, test in zip(statement.conditions, self._tests[index], strict=True)
                    if not test(context)
                ),
            )
            matched = not mismatches
            yield StatementTrace(name, index, statement.sid, statement.effect, matched, levels[index], mismatches)

    def _match_action(self, action: str) -> int:
        """Action and NotAction; without either a statement has no effect (sections 3 and 4)."""

        def listed(patterns: Sequence[str]) -> bool:
            return any(matches_action(pattern, action) for pattern in patterns)

        return _mask(_element(item.actions, item.not_actions, listed) for item in self.document.statements)

    def _match_caller(
        self,
        caller: Caller,
        partition: str | None,
        bounded: bool,
    ) -> tuple[int, tuple[Level | None, ...]]:
        """Principal and NotPrincipal, and by which form (sections 2.1 and 2.2)."""
        if self.kind != "resource":
            return (1 << len(self._allows)) - 1, (None,) * len(self._allows)
        levels: list[Level | None] = []
        for statement in self.document.statements:
            if statement.principals is not None:
                levels.append(best_level(statement.principals, caller, partition))
            elif statement.not_principals is None:
                levels.append(None)
            else:  # a Deny hits whoever has a permissions boundary, listed or not (2.2)
                excepted = best_level(statement.not_principals, caller, partition) is not None
                hit = not excepted or (bounded and statement.effect == "Deny")
                levels.append(Level.EVERYONE if hit else None)
        return _mask(level is not None for level in levels), tuple(levels)

    def _match_resource(self, resource: str) -> int:
        """Resource and NotResource (section 4); a statement with a variable there may match, and is tested later."""

        def listed(patterns: Sequence[str]) -> bool:
            return any(matches_resource(pattern, resource, {}, variables=False) for pattern in patterns)

        fixed = _mask(_element(item.resources, item.not_resources, listed) for item in self.document.statements)
        return fixed | self._looking_up

    def _covers(self, index: int, resource: str, context: Context) -> bool:
        def listed(patterns: Sequence[str]) -> bool:
            return any(matches_resource(pattern, resource, context, variables=True) for pattern in patterns)

        statement = self.document.statements[index]
        return _element(statement.resources, statement.not_resources, listed)


@lru_cache(maxsize=4096)
def compiled(document: PolicyDocument, kind: PolicyKind) -> CompiledPolicy:
    """The policy, compiled once."""
    return CompiledPolicy(document, kind)


def _condition_keys(document: PolicyDocument) -> Iterator[str]:
    for statement in document.statements:
        for condition in statement.conditions:
            for key in (condition.key, *(name for value in condition.values for name in variable_keys(value))):
                name, slash, _ = fold(key).partition("/")
                yield name + slash


def _element(
    patterns: Sequence[str] | None, excepted: Sequence[str] | None, listed: Callable[[Sequence[str]], bool]
) -> bool:
    """What an element or its Not… form says; a statement with neither matches nothing."""
    if patterns is not None:
        return listed(patterns)
    return excepted is not None and not listed(excepted)


def _mask(bits: Iterable[bool]) -> int:
    return sum(1 << index for index, bit in enumerate(bits) if bit)
