"""Which statements apply to a caller, as far as who calls decides it: his profile.

A policy is asked about many callers, most of whom it doesn't tell apart. So a statement for everybody is decided once,
and callers to whom the same statements apply share one profile: whatever is found of it holds of them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from keywright._internal.facts.actions import fold
from keywright._internal.proof.evaluation.matching import Level, best_level
from keywright._internal.proof.search.compiled_statement import held
from keywright._internal.proof.search.request_space import EVERYBODY, unknown_condition, unknown_exception

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from keywright._internal.policy.document import Principal, Statement
    from keywright._internal.proof.search.boxes import Box
    from keywright._internal.proof.search.callers import PrincipalClass
    from keywright._internal.proof.search.compiled_statement import Clause
    from keywright._internal.proof.search.request_space import RequestSpace, Unknown


@dataclass(frozen=True, slots=True, eq=False)
class StatementForCaller:
    """A clause for one caller: by which form of principal it matches, and whether it surely does.

    Callers of whom the same is true share it, so it is equal to itself alone.
    """

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


class Standing(NamedTuple):
    """What a caller is, beside whom statements name, as far as it decides which Allows count and what he can ask."""

    is_service: bool
    is_own: bool
    """Whether he is of the key's account."""
    is_own_root: bool
    """Whether he is the root user of the key's account."""
    certain: bool
    """Whether AWS documents that there can be such a caller."""


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """The statements that apply to one caller, and what he is; callers who have both in common share it."""

    standing: Standing
    allows: tuple[StatementForCaller, ...]
    denies: tuple[StatementForCaller, ...]


class Profiles:
    """The profiles of callers under one policy.

    Args:
        space: the requests that can be.
        clauses: the policy's statements, compiled.
    """

    def __init__(self, space: RequestSpace, clauses: Iterable[Clause]) -> None:
        self._space = space
        self._for_everybody: list[Clause] = []
        self._named: dict[str, list[tuple[Clause, Principal | None]]] = {}
        """The other clauses, by what a caller whom their principals may match is found by."""
        self._of: dict[PrincipalClass, Profile] = {}
        self._shared: dict[Hashable, Profile] = {}
        self._statements: dict[Hashable, StatementForCaller] = {}
        self._unconditional: dict[bool, list[StatementForCaller]] = {}
        for clause in clauses:
            principals = clause.statement.principals
            if principals is None:
                self._named.setdefault("*", []).append((clause, None))
            elif any(principal.value == "*" and principal.type == "AWS" for principal in principals):
                self._for_everybody.append(clause)
            else:
                for principal in principals:
                    self._named.setdefault(_lookup_key(principal.value), []).append((clause, principal))
        self._conditional = [clause for clause in self._for_everybody if clause.about_callers]

    def of(self, caller: PrincipalClass) -> Profile:
        """A caller's profile."""
        known = self._of.get(caller)
        if known is None:
            applied = sorted(self._applied(caller), key=_INDEX)
            own = caller.caller.account == self._space.location.account
            standing = Standing(caller.is_service, own, own and caller.caller.kind == "root", caller.certain)
            known = self._of[caller] = self._profile(standing, applied)
        return known

    def _profile(self, standing: Standing, applied: Sequence[StatementForCaller]) -> Profile:
        key = (standing, *applied)
        known = self._shared.get(key)
        if known is None:
            allows = tuple(item for item in applied if item.clause.statement.effect == "Allow")
            denies = tuple(item for item in applied if item.clause.statement.effect == "Deny")
            known = self._shared[key] = Profile(standing, allows, denies)
        return known

    def _applied(self, caller: PrincipalClass) -> Iterator[StatementForCaller]:
        """The statements that may match some request of a caller, in any order."""
        yield from self._whoever_calls(caller)
        for clause in self._conditional:
            if (
                found := self._for(clause, Level.EVERYONE, _to_everybody(clause.statement, caller), caller)
            ) is not None:
                yield found
        for clause, principals in self._naming(caller):
            level, unknowns = self._level(clause.statement, principals, caller)
            if level is not None and (found := self._for(clause, level, unknowns, caller)) is not None:
                yield found

    def _whoever_calls(self, caller: PrincipalClass) -> list[StatementForCaller]:
        """The statements for everybody that ask for nothing else of the caller; they differ for services alone."""
        known = self._unconditional.get(caller.is_service)
        if known is None:
            clauses = [clause for clause in self._for_everybody if not clause.about_callers]
            found = (self._for(item, Level.EVERYONE, _to_everybody(item.statement, caller), caller) for item in clauses)
            known = self._unconditional[caller.is_service] = [item for item in found if item is not None]
        return known

    def _naming(self, caller: PrincipalClass) -> Iterable[tuple[Clause, list[Principal]]]:
        """The clauses whose principals may be the caller, each with those principals."""
        found: dict[int, tuple[Clause, list[Principal]]] = {}
        for key in _lookup_keys(caller):
            for clause, principal in self._named.get(key, ()):
                principals = found.setdefault(clause.index, (clause, []))[1]
                if principal is not None:
                    principals.append(principal)
        return found.values()

    def _level(
        self, statement: Statement, principals: Sequence[Principal], caller: PrincipalClass
    ) -> tuple[Level | None, list[Unknown]]:
        """By which form of principal a statement matches a caller, and what leaves it open (2.2 and section 11)."""
        partition = self._space.location.partition
        if statement.principals is not None:
            return best_level(principals, caller.principal, partition), []
        if best_level(statement.not_principals or (), caller.principal, partition) is None:
            return Level.EVERYONE, _to_everybody(statement, caller)
        if statement.effect == "Allow" or caller.is_service:
            return None, []
        return Level.EVERYONE, [unknown_exception(statement)]

    def _for(
        self, clause: Clause, level: Level, unknowns: list[Unknown], caller: PrincipalClass
    ) -> StatementForCaller | None:
        """A clause for a caller whom its principals match; None where its conditions on callers rule him out."""
        looks_up = False
        for item in clause.about_callers:
            holds, may_hold = item.outcome(caller)
            if not may_hold:
                return None
            if not holds:
                looks_up = True
                unknowns.append(unknown_condition(item.test))
        numbers = tuple([self._space.unknowns[unknown] for unknown in unknowns])
        key = (clause.index, level, looks_up, numbers)
        known = self._statements.get(key)
        if known is None:
            known = self._statements[key] = StatementForCaller(clause, level, not unknowns, looks_up, numbers)
        return known


_INDEX = attrgetter("clause.index")


def _to_everybody(statement: Statement, caller: PrincipalClass) -> list[Unknown]:
    """What leaves it open whether a statement for everybody is for a caller."""
    return [EVERYBODY] if caller.is_service and statement.effect == "Allow" else []


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
