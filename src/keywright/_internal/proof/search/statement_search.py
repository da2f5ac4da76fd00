"""The search of Allow less Deny: a request of some callers that statements allow, or may allow.

Claims ask one policy about many callers and few sets of requests. So callers to whom the same statements apply are
searched for once, and which statements matter to a set of requests is found once, before anybody is searched for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Final, NamedTuple

from keywright._internal.proof.search.boxes import Box, UndecidedError, find_outside, meet, outside, overlap
from keywright._internal.proof.search.request_space import in_words

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from keywright._internal.proof.search.callers import PrincipalClass
    from keywright._internal.proof.search.compiled_statement import Clause
    from keywright._internal.proof.search.profiles import Standing, StatementForCaller
    from keywright._internal.proof.search.request_space import RequestSpace


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found: a box of requests that are surely allowed, or one of which it isn't decided."""

    box: Box
    surely: bool
    why: str = ""
    """What leaves it open."""


_LOOKED_UP: Final = "a policy variable makes one part of the request depend on another"
_OPEN: Final = "AWS's documentation leaves open what a statement matches"


@dataclass(frozen=True, slots=True, eq=False)
class StatementsThatCount:
    """Of the statements that apply to some callers the Allows that count, and all Denies."""

    standing: Standing
    allows: tuple[StatementForCaller, ...]
    denies: tuple[StatementForCaller, ...]
    actions: int
    """The actions that the Allows are about."""

    @property
    def leave_open(self) -> bool:
        """Whether AWS's documentation leaves open what one of them matches."""
        return any(map(_leaves_open, (*self.allows, *self.denies)))


class Scope(NamedTuple):
    """A set of requests, as far as some callers can make them, and the statements that matter there."""

    certain: Box | None
    possible: Box | None
    clauses: frozenset[int]
    """The statements, by index, that may match one of the requests: no other allows or denies any."""


class StatementSearch:
    """Searches among the requests of a space, each of them made once.

    Args:
        space: the requests that can be.
        clauses: all statements of the policy, compiled.
    """

    def __init__(self, space: RequestSpace, clauses: tuple[Clause, ...]) -> None:
        self._space = space
        self._clauses = clauses
        self._counting: dict[Hashable, StatementsThatCount] = {}
        self._scopes: dict[Hashable, Scope] = {}
        self._found: dict[tuple[StatementsThatCount, Box], SearchResult | None] = {}

    def counting(
        self, standing: Standing, allows: tuple[StatementForCaller, ...], denies: tuple[StatementForCaller, ...]
    ) -> StatementsThatCount:
        """The statements that count for callers of one standing: the same object wherever a search finds the same."""
        key = (standing.is_service, standing.is_own, standing.certain, allows, denies)
        known = self._counting.get(key)
        if known is None:
            actions = reduce(or_, [item.clause.may[0] for item in allows], 0)
            known = self._counting[key] = StatementsThatCount(standing, allows, denies, actions)
        return known

    def find(self, caller: PrincipalClass, goal: Box, statements: StatementsThatCount) -> SearchResult | None:
        """A box of the caller's requests of a goal that are allowed, or may be; None if there surely is none."""
        if not statements.actions & goal[0]:
            return None
        key = (statements, goal)
        if key not in self._found:
            self._found[key] = self._search(caller, goal, statements)
        return self._found[key]

    def candidates(self, caller: PrincipalClass, goal: Box, statements: StatementsThatCount) -> Iterator[Box]:
        """Boxes of requests that are allowed if policy variables turn out so; nothing else is left open in them."""
        holes = [*self._space.unlikely, *boxes_of(statements.denies)]
        try:
            for part in _parts(meet(goal, self._space.certain(caller)), boxes_of(statements.allows)):
                yield from outside(part, holes)
        except UndecidedError:
            return

    def _search(self, caller: PrincipalClass, goal: Box, statements: StatementsThatCount) -> SearchResult | None:
        space, scope = self._space, self._scope(caller, goal, statements.standing)
        allows = [item for item in statements.allows if item.clause.index in scope.clauses]
        if not allows:
            return None
        denies = [item for item in statements.denies if item.clause.index in scope.clauses]
        certain, possible = scope.certain if caller.certain else None, scope.possible
        try:
            holes = [*space.unlikely, *(item.clause.may for item in denies)]
            for part in _parts(certain, (item.sure for item in allows)):
                if (box := find_outside(part, holes)) is not None:
                    return SearchResult(box, surely=True)
            narrowed = possible != certain or len(space.unlikely) > len(space.impossible)
            if not narrowed and all(item.exact for item in (*allows, *denies)):
                return None
            holes = [*space.impossible, *boxes_of(denies)]
            for part in _parts(possible, boxes_of(allows)):
                if (box := find_outside(part, holes)) is not None:
                    return SearchResult(box, surely=False, why=self._why(caller, box, statements))
        except UndecidedError as error:
            return SearchResult(space.full, surely=False, why=str(error))
        return None

    def _scope(self, caller: PrincipalClass, goal: Box, standing: Standing) -> Scope:
        """What there is to search through for all callers who can make the same requests as this one."""
        key = (goal, standing.is_service, standing.is_own)
        known = self._scopes.get(key)
        if known is None:
            possible = meet(goal, self._space.possible(caller))
            found = (item.index for item in self._clauses if possible is not None and overlap(possible, item.may))
            known = Scope(meet(goal, self._space.certain(caller)), possible, frozenset(found))
            self._scopes[key] = known
        return known

    def _why(self, caller: PrincipalClass, box: Box, statements: StatementsThatCount) -> str:
        """What leaves it open whether a box of requests is allowed."""
        involved = (*statements.allows, *statements.denies)
        names = [
            item.clause.statement.sid or f"statement {item.clause.index + 1}" for item in involved if _leaves_open(item)
        ]
        if names:
            return f"{_OPEN}: `{names[0]}`"
        if any(item.looks_up or item.clause.looks_up for item in involved):
            return _LOOKED_UP
        request = in_words(self._space.request(caller, box))
        return f"only by a request that AWS's documentation neither describes nor rules out: {request}"


def boxes_of(items: Iterable[StatementForCaller]) -> Iterator[Box]:
    """What statements match, by how unknowns turn out."""
    for item in items:
        yield from item.boxes


def _parts(within: Box | None, boxes: Iterable[Box | None]) -> Iterator[Box]:
    """What each box has in common with another."""
    if within is None:
        return
    for box in boxes:
        if box is not None and (part := meet(within, box)) is not None:
            yield part


def _leaves_open(item: StatementForCaller) -> bool:
    return item.clause.is_open or (not item.surely and not item.looks_up)
