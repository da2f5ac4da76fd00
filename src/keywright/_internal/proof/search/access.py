"""What one policy allows of a space of requests: statements as boxes, and which of them count as giving access.

Every statement has two boxes: the requests that it surely matches, and those that it may match. They differ where
AWS's documentation leaves the outcome open, and where a policy variable makes one attribute depend on another.
Access is under-approximated by what Allows surely match less what Denies may match: a request in there shows access.
It is over-approximated by letting every unknown turn out either way: nothing in there proves that there is none.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING

from keywright._internal.proof.evaluation.evaluator import ALLOW_ALL, Evaluator
from keywright._internal.proof.evaluation.matching import Level
from keywright._internal.proof.evaluation.variables import VARIABLES_VERSION
from keywright._internal.proof.search.boxes import Box, UndecidedError, find_outside, meet
from keywright._internal.proof.search.compiled_statement import Clause
from keywright._internal.proof.search.compiled_statement import clause as compiled
from keywright._internal.proof.search.profiles import Profiles
from keywright._internal.proof.search.statement_search import StatementSearch, boxes_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.policy.document import PolicyDocument
    from keywright._internal.proof.evaluation.decision import Decision
    from keywright._internal.proof.evaluation.grants import Grant
    from keywright._internal.proof.evaluation.request import Request
    from keywright._internal.proof.search.callers import PrincipalClass
    from keywright._internal.proof.search.profiles import Profile, StatementForCaller
    from keywright._internal.proof.search.request_space import RequestSpace
    from keywright._internal.proof.search.statement_search import SearchResult, StatementsThatCount


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


@dataclass(eq=False)
class Access:
    """One policy's access to one key.

    Args:
        space: the requests that can be.
        document: the policy; where grants are counted, its last statements stand for them.
        grants: those that the statements stand for: a request is replayed on them, and on the policy without them.
        standing: how many statements stand for grants.
    """

    space: RequestSpace
    document: PolicyDocument
    grants: tuple[Grant, ...] = ()
    standing: int = 0
    _whole: Access | None = None
    _left_out: frozenset[int] = frozenset()
    _left: dict[Profile, Profile] = field(default_factory=dict)
    _counted: dict[tuple[PrincipalClass | Profile, AccessMode], StatementsThatCount] = field(default_factory=dict)
    _evaluators: dict[bool, Evaluator] = field(default_factory=dict)

    @cached_property
    def clauses(self) -> tuple[Clause, ...]:
        """The statements that match some request, compiled."""
        variables = self.document.version == VARIABLES_VERSION
        found = (
            compiled(self.space, index, statement, variables=variables)
            for index, statement in enumerate(self.document.statements)
        )
        return tuple(clause for clause in found if clause is not None)

    @cached_property
    def profiles(self) -> Profiles:
        """Which statements of the whole policy apply to whom."""
        return self._whole.profiles if self._whole is not None else Profiles(self.space, self.clauses)

    @cached_property
    def search(self) -> StatementSearch:
        """Searches for what statements allow, whichever are passed over."""
        return self._whole.search if self._whole is not None else StatementSearch(self.space, self.clauses)

    def without(self, statements: frozenset[int]) -> Access:
        """The access that is left when some Allows are passed over; requests are still replayed on the whole policy."""
        if not statements:
            return self
        whole, left_out = self._whole or self, self._left_out | statements
        return Access(self.space, self.document, self.grants, self.standing, _whole=whole, _left_out=left_out)

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
        whole = self.profiles.of(caller)
        if not self._left_out:
            return whole
        known = self._left.get(whole)
        if known is None:
            allows = tuple(item for item in whole.allows if item.clause.index not in self._left_out)
            known = self._left[whole] = replace(whole, allows=allows)
        return known

    def counted(self, caller: PrincipalClass, counting: AccessMode) -> tuple[StatementForCaller, ...]:
        """The Allows of a caller that count."""
        return self._that_count(caller, counting).allows

    def _that_count(self, caller: PrincipalClass, counting: AccessMode) -> StatementsThatCount:
        known = self._counted.get((caller, counting))
        if known is None:
            known = self._counted[(caller, counting)] = self._of_profile(self.profile(caller), counting)
        return known

    def _of_profile(self, profile: Profile, counting: AccessMode) -> StatementsThatCount:
        known = self._counted.get((profile, counting))
        if known is None:
            allows = self._count(profile, counting)
            known = self.search.counting(profile.standing, allows, profile.denies)
            self._counted[(profile, counting)] = known
        return known

    def _count(self, profile: Profile, counting: AccessMode) -> tuple[StatementForCaller, ...]:
        allows, standing = profile.allows, profile.standing
        if counting is AccessMode.ANY or standing.is_own_root:
            return allows
        if counting is AccessMode.DIRECT:
            direct = standing.is_own or standing.is_service
            return tuple(item for item in allows if item.level is not Level.ACCOUNT and direct)
        if not standing.is_own:
            return allows
        if counting is AccessMode.INDIVIDUALLY:
            return tuple(item for item in allows if item.clause.index not in self.account_wide)
        return tuple(
            item for item in allows if item.level is not Level.ACCOUNT or item.clause.index not in self.account_wide
        )

    @cached_property
    def account_wide(self) -> frozenset[int]:
        """The statements for the key's account as a whole, or for everybody, instead of for identities they name."""
        everybody = (caller for caller in self.space.callers if not caller.named and stands_for_all(caller))
        profiles = map(self.profile, everybody)
        return frozenset(
            item.clause.index for profile in profiles if profile.standing.is_own for item in profile.allows
        )

    # --- What -----------------------------------------------------------------------------------------------

    def sight(self, caller: PrincipalClass, goal: Query) -> SearchResult | None:
        """A box of the caller's requests of a goal that are allowed, or may be; None if there surely is none."""
        return self.search.find(caller, goal.box, self._that_count(caller, goal.counting))

    def candidates(self, caller: PrincipalClass, goal: Query) -> Iterator[Box]:
        """Boxes of requests that are allowed if policy variables turn out so; nothing else is left open in them."""
        if self.leaves_open(caller):
            return iter(())
        return self.search.candidates(caller, goal.box, self._that_count(caller, goal.counting))

    def leaves_open(self, caller: PrincipalClass) -> bool:
        """Whether AWS's documentation leaves open what a statement for the caller matches."""
        return self._that_count(caller, AccessMode.ANY).leave_open

    def denied(self, caller: PrincipalClass, *, widely: bool) -> list[Box]:
        """What Denies may match, or what they match by how unknowns turn out."""
        denies = self.profile(caller).denies
        return [item.clause.may for item in denies] if widely else list(boxes_of(denies))

    def allowing(self, caller: PrincipalClass, counting: AccessMode, *, widely: bool) -> list[Box]:
        """What the Allows that count may match, or what they match by how unknowns turn out."""
        allows = self.counted(caller, counting)
        return [item.clause.may for item in allows] if widely else list(boxes_of(allows))

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


def stands_for_all(caller: PrincipalClass) -> bool:
    """Whether it stands for the identities of an account that no pattern tells from others."""
    return caller.caller.name in {"other-role", "other-user"}
