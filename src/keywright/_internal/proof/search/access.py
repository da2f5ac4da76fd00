"""What one policy allows of a space of requests: statements as boxes, and the search of Allow less Deny.

Every statement has two boxes: the requests that it surely matches, and those that it may match. They differ where
AWS's documentation leaves the outcome open, and where a policy variable makes one attribute depend on another.
Access is under-approximated by what Allows surely match less what Denies may match: a request in there shows access.
It is over-approximated by letting every unknown turn out either way: nothing in there proves that there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.policy.document import PolicyDocument, Statement
from keywright._internal.proof.evaluation.evaluator import Evaluator
from keywright._internal.proof.evaluation.matching import Level, best_level
from keywright._internal.proof.evaluation.variables import VARIABLES_VERSION
from keywright._internal.proof.search.boxes import Box, UndecidedError, find_outside, meet, outside
from keywright._internal.proof.search.compiled_statement import Clause, held
from keywright._internal.proof.search.compiled_statement import clause as compiled
from keywright._internal.proof.search.request_space import (
    EVERYBODY,
    in_words,
    unknown_condition,
    unknown_exception,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright._internal.policy.document import Principal
    from keywright._internal.proof.evaluation.decision import Decision
    from keywright._internal.proof.evaluation.grants import Grant
    from keywright._internal.proof.evaluation.request import Request
    from keywright._internal.proof.search.callers import PrincipalClass
    from keywright._internal.proof.search.request_space import RequestSpace, Unknown


ALLOW_ALL: Final = PolicyDocument((Statement("Allow", None, ("kms:*",), ("*",)),))
"""An identity policy that leaves the decision to the key policy."""


class AccessMode(IntEnum):
    """Which Allows count as giving access."""

    ANY = 0
    """What the key policy allows, by itself or together with IAM policies."""
    DIRECT = 1
    """What the key policy allows by itself."""
    BY_NAME = 2
    """What it allows by itself, or to identities that a delegation to the account names."""
    INDIVIDUALLY = 3
    """What it allows to some identities of the account and not to all of them."""


@dataclass(frozen=True, slots=True)
class Query:
    """Requests that are asked after."""

    box: Box
    counting: AccessMode = AccessMode.ANY


@dataclass(frozen=True, slots=True)
class StatementForCaller:
    """A clause for one caller: by which form of principal it matches, and whether it surely does."""

    clause: Clause
    level: Level
    surely: bool
    looks_up: bool

    unknowns: tuple[int, ...]
    """The attributes that must hold for it to match this caller, where that isn't sure."""

    @property
    def sure(self) -> Box | None:
        """The caller's requests that it surely matches."""
        return self.clause.sure if self.surely else None

    @property
    def boxes(self) -> Iterable[Box]:
        """The caller's requests that it matches, by how the space's unknowns turn out."""
        return [held(box, self.unknowns) for box in self.clause.boxes] if self.unknowns else self.clause.boxes

    @property
    def exact(self) -> bool:
        """Whether nothing is left open."""
        return self.surely and self.clause.sure == self.clause.may


@dataclass(frozen=True, slots=True)
class Profile:
    """The statements that apply to one caller, as far as who calls decides it."""

    allows: tuple[StatementForCaller, ...]
    denies: tuple[StatementForCaller, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found: a box of requests that are surely allowed, or one of which it isn't decided."""

    box: Box
    surely: bool
    why: str = ""
    """What leaves it open."""


_LOOKED_UP: Final = "a policy variable makes one part of the request depend on another"
_OPEN: Final = "AWS's documentation leaves open what a statement matches"


@dataclass
class Access:
    """One policy's access to one key.

    Args:
        space: the requests that can be.
        document: the policy; where grants are counted, its last statements stand for them.
        clauses: its statements, compiled.
        grants: those that the statements stand for: a request is replayed on them, and on the policy without them.
        standing: how many statements stand for grants.
    """

    space: RequestSpace
    document: PolicyDocument
    clauses: tuple[Clause, ...] = ()
    grants: tuple[Grant, ...] = ()
    standing: int = 0
    _profiles: dict[PrincipalClass, Profile] = field(default_factory=dict)
    _index: dict[str, list[tuple[Clause, Principal | None]]] = field(default_factory=dict)
    _sightings: dict[tuple[int, Box], SearchResult | None] = field(default_factory=dict)
    _kinds: dict[tuple[object, ...], int] = field(default_factory=dict)
    _counted: dict[tuple[PrincipalClass, AccessMode], tuple[tuple[StatementForCaller, ...], int]] = field(
        default_factory=dict
    )
    _evaluators: dict[bool, Evaluator] = field(default_factory=dict)
    _account_wide: frozenset[int] | None = None
    _whole: Access | None = None
    _left_out: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if self._whole is not None:
            return
        variables = self.document.version == VARIABLES_VERSION
        found = (
            compiled(self.space, index, statement, variables=variables)
            for index, statement in enumerate(self.document.statements)
        )
        self.clauses = tuple(clause for clause in found if clause is not None)
        for clause in self.clauses:
            if clause.statement.principals is None:
                self._index.setdefault("*", []).append((clause, None))
            for principal in clause.statement.principals or ():
                self._index.setdefault(_lookup_key(principal.value), []).append((clause, principal))

    def without(self, statements: frozenset[int]) -> Access:
        """The access that is left when some Allows are passed over; requests are still replayed on the whole policy."""
        if not statements:
            return self
        return Access(
            self.space, self.document, self.clauses, self.grants, self.standing, _whole=self, _left_out=statements
        )

    def decide(self, request: Request, *, with_iam: bool) -> Decision:
        """The evaluator's decision on one request, with an identity policy that allows everything or with none."""
        if self._whole is not None:
            return self._whole.decide(request, with_iam=with_iam)
        evaluator = self._evaluators.get(with_iam)
        if evaluator is None:
            own = self.document.statements[: len(self.document.statements) - self.standing]
            policy = replace(self.document, statements=own) if self.standing else self.document
            evaluator = Evaluator(policy, identity_policies=(ALLOW_ALL,) if with_iam else (), grants=self.grants)
            self._evaluators[with_iam] = evaluator
        return evaluator.decide(request)

    # --- Who ------------------------------------------------------------------------------------------------

    def profile(self, caller: PrincipalClass) -> Profile:
        """The statements that apply to a caller."""
        known = self._profiles.get(caller)
        if known is None and self._whole is not None:
            whole = self._whole.profile(caller)
            allows = tuple(item for item in whole.allows if item.clause.index not in self._left_out)
            known = self._profiles[caller] = Profile(allows, whole.denies)
        if known is None:
            found: dict[int, tuple[Clause, list[Principal]]] = {}
            for key in _lookup_keys(caller):
                for clause, principal in self._index.get(key, ()):
                    principals = found.setdefault(clause.index, (clause, []))[1]
                    if principal is not None:
                        principals.append(principal)
            applied = [item for _, pair in sorted(found.items()) if (item := self._applied(*pair, caller))]
            known = Profile(
                tuple(item for item in applied if item.clause.statement.effect == "Allow"),
                tuple(item for item in applied if item.clause.statement.effect == "Deny"),
            )
            self._profiles[caller] = known
        return known

    def counted(self, caller: PrincipalClass, counting: AccessMode) -> tuple[StatementForCaller, ...]:
        """The Allows of a caller that count."""
        return self._counted_with_kind(caller, counting)[0]

    def _counted_with_kind(
        self, caller: PrincipalClass, counting: AccessMode
    ) -> tuple[tuple[StatementForCaller, ...], int]:
        """The Allows that count, and a number that callers share to whom the same statements apply."""
        known = self._counted.get((caller, counting))
        if known is None:
            allows = self._count(caller, counting)
            own = caller.is_service or self._is_own(caller)
            applied = (*allows, *self.profile(caller).denies)
            kind = (caller.is_service, own, caller.certain, *((item.clause.index, item.unknowns) for item in applied))
            known = allows, self._kinds.setdefault(kind, len(self._kinds))
            self._counted[(caller, counting)] = known
        return known

    def _count(self, caller: PrincipalClass, counting: AccessMode) -> tuple[StatementForCaller, ...]:
        allows = self.profile(caller).allows
        if counting is AccessMode.ANY or (caller.caller.kind == "root" and self._is_own(caller)):
            return allows
        direct = self._is_own(caller) or caller.is_service
        if counting is AccessMode.DIRECT:
            return tuple(item for item in allows if item.level is not Level.ACCOUNT and direct)
        if not self._is_own(caller):
            return allows
        if counting is AccessMode.INDIVIDUALLY:
            return tuple(item for item in allows if item.clause.index not in self.account_wide)
        return tuple(
            item for item in allows if item.level is not Level.ACCOUNT or item.clause.index not in self.account_wide
        )

    @property
    def account_wide(self) -> frozenset[int]:
        """The statements for the key's account as a whole, or for everybody, instead of for identities they name."""
        if self._account_wide is None:
            self._account_wide = frozenset(
                item.clause.index
                for caller in self.space.callers
                if not caller.named and self._is_own(caller) and stands_for_all(caller)
                for item in self.profile(caller).allows
            )
        return self._account_wide

    def _is_own(self, caller: PrincipalClass) -> bool:
        return caller.caller.account == self.space.location.account

    def _applied(
        self, clause: Clause, principals: Sequence[Principal], caller: PrincipalClass
    ) -> StatementForCaller | None:
        """A clause for a caller, of its principals only those that may be the caller."""
        level, unknowns = self._level(clause.statement, principals, caller)
        if level is None:
            return None
        looks_up = False
        for item in clause.about_callers:
            holds, may_hold = item.outcome(caller)
            if not may_hold:
                return None
            if not holds:
                looks_up = True
                unknowns.append(unknown_condition(item.test))
        numbers = tuple(self.space.unknowns[unknown] for unknown in unknowns)
        return StatementForCaller(clause, level, not unknowns, looks_up, numbers)

    def _level(
        self, statement: Statement, principals: Sequence[Principal], caller: PrincipalClass
    ) -> tuple[Level | None, list[Unknown]]:
        """By which form of principal a statement matches a caller, and what leaves it open (2.2 and section 11)."""
        partition = self.space.location.partition
        everybody: list[Unknown] = [EVERYBODY] if caller.is_service and statement.effect == "Allow" else []
        if any(principal.value == "*" and principal.type == "AWS" for principal in principals):
            return Level.EVERYONE, everybody
        if statement.principals is not None:
            return best_level(principals, caller.principal, partition), []
        if best_level(statement.not_principals or (), caller.principal, partition) is None:
            return Level.EVERYONE, everybody
        if statement.effect == "Allow" or caller.is_service:
            return None, []
        return Level.EVERYONE, [unknown_exception(statement)]

    # --- What -----------------------------------------------------------------------------------------------

    def sight(self, caller: PrincipalClass, goal: Query) -> SearchResult | None:
        """A box of the caller's requests of a goal that are allowed, or may be; None if there surely is none."""
        allows, kind = self._counted_with_kind(caller, goal.counting)
        if not allows:
            return None
        key = (kind, goal.box)
        if key not in self._sightings:
            self._sightings[key] = self._search(caller, goal.box, allows, self.profile(caller).denies)
        return self._sightings[key]

    def _search(
        self,
        caller: PrincipalClass,
        goal: Box,
        allows: Sequence[StatementForCaller],
        denies: Sequence[StatementForCaller],
    ) -> SearchResult | None:
        space = self.space
        try:
            certain = meet(goal, space.certain(caller)) if caller.certain else None
            holes = [*space.unlikely, *(item.clause.may for item in denies)]
            for part in _parts(certain, (item.sure for item in allows)):
                if (box := find_outside(part, holes)) is not None:
                    return SearchResult(box, surely=True)
            possible = meet(goal, space.possible(caller))
            narrowed = possible != certain or len(space.unlikely) > len(space.impossible)
            if not narrowed and all(item.exact for item in (*allows, *denies)):
                return None
            holes = [*space.impossible, *_all(denies)]
            for part in _parts(possible, _all(allows)):
                if (box := find_outside(part, holes)) is not None:
                    return SearchResult(box, surely=False, why=self._why(caller, box, allows, denies))
        except UndecidedError as error:
            return SearchResult(space.full, surely=False, why=str(error))
        return None

    def _why(
        self,
        caller: PrincipalClass,
        box: Box,
        allows: Iterable[StatementForCaller],
        denies: Iterable[StatementForCaller],
    ) -> str:
        """What leaves it open whether a box of requests is allowed."""
        involved = (*allows, *denies)
        names = [
            item.clause.statement.sid or f"statement {item.clause.index + 1}" for item in involved if _leaves_open(item)
        ]
        if names:
            return f"{_OPEN}: `{names[0]}`"
        if any(item.looks_up or item.clause.looks_up for item in involved):
            return _LOOKED_UP
        request = in_words(self.space.request(caller, box))
        return f"only by a request that AWS's documentation neither describes nor rules out: {request}"

    def candidates(self, caller: PrincipalClass, goal: Query) -> Iterator[Box]:
        """Boxes of requests that are allowed if policy variables turn out so; nothing else is left open in them."""
        allows, denies = self.counted(caller, goal.counting), self.profile(caller).denies
        if self.leaves_open(caller):
            return
        holes = [*self.space.unlikely, *_all(denies)]
        within = meet(goal.box, self.space.certain(caller))
        try:
            for part in _parts(within, _all(allows)):
                yield from outside(part, holes)
        except UndecidedError:
            return

    def leaves_open(self, caller: PrincipalClass) -> bool:
        """Whether AWS's documentation leaves open what a statement for the caller matches."""
        profile = self.profile(caller)
        return any(_leaves_open(item) for item in (*profile.allows, *profile.denies))

    def denied(self, caller: PrincipalClass, *, widely: bool) -> list[Box]:
        """What Denies may match, or what they match by how unknowns turn out."""
        denies = self.profile(caller).denies
        return [item.clause.may for item in denies] if widely else list(_all(denies))

    def allowing(self, caller: PrincipalClass, counting: AccessMode, *, widely: bool) -> list[Box]:
        """What the Allows that count may match, or what they match by how unknowns turn out."""
        allows = self.counted(caller, counting)
        return [item.clause.may for item in allows] if widely else list(_all(allows))

    def sight_through(self, caller: PrincipalClass, item: StatementForCaller, box: Box) -> Box | None:
        """A part of a box that one Allow surely gives the caller; None also where the search gives up."""
        part = meet(box, item.sure) if item.sure is not None else None
        if part is None:
            return None
        denies = (deny.clause.may for deny in self.profile(caller).denies)
        try:
            return find_outside(part, [*self.space.unlikely, *denies])
        except UndecidedError:
            return None

    @property
    def looks_up(self) -> bool:
        """Whether some statement compares with a policy variable."""
        return any(clause.looks_up or any(item.looks_up for item in clause.about_callers) for clause in self.clauses)


def _parts(within: Box | None, boxes: Iterable[Box | None]) -> Iterator[Box]:
    """What each box has in common with another."""
    if within is None:
        return
    for box in boxes:
        if box is not None and (part := meet(within, box)) is not None:
            yield part


def _all(items: Iterable[StatementForCaller]) -> Iterator[Box]:
    for item in items:
        yield from item.boxes


def _leaves_open(item: StatementForCaller) -> bool:
    return item.clause.is_open or (not item.surely and not item.looks_up)


def stands_for_all(caller: PrincipalClass) -> bool:
    """Whether it stands for the identities of an account that no pattern tells from others."""
    return caller.caller.name in {"other-role", "other-user"}


def _lookup_key(value: str) -> str:
    """What a principal is found by: its account, its role's name without case and path, or its own text."""
    if value.endswith(":root") or len(value) == 12:  # noqa: PLR2004 - an account's digits
        return value.rpartition(":root")[0].rpartition(":")[2] or value
    head, _, rest = value.partition(":role/")
    if rest and head.startswith("arn:"):
        return f"{head.rpartition(':')[2]} {fold(rest.rpartition('/')[2])}"
    head, _, rest = value.partition(":assumed-role/")
    if rest and head.startswith("arn:"):
        return f"{head.rpartition(':')[2]} {fold(rest.partition('/')[0])}"
    return value


def _lookup_keys(caller: PrincipalClass) -> tuple[str, ...]:
    item = caller.caller
    if item.kind == "service":
        return "*", item.name
    if item.kind == "role":
        return "*", item.account or "", f"{item.account} {fold(item.name)}"
    return "*", item.account or "", item.arn, *([item.issuer] if item.issuer else [])
