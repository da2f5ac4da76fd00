"""A policy under examination: its access, its key, and whom the key's owner trusts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from keywright._internal.policy.document import Condition
from keywright._internal.proof.claims.result import ClaimResult, Verdict
from keywright._internal.proof.search.access import AccessMode, Query
from keywright._internal.proof.search.request_space import masked
from keywright._internal.proof.search.witnesses import WitnessSearch, ask_any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

    from keywright._internal.proof.claims.result import Witness
    from keywright._internal.proof.claims.trust import Trust
    from keywright._internal.proof.search.access import Access
    from keywright._internal.proof.search.boxes import Box
    from keywright._internal.proof.search.callers import PrincipalClass

FOR_AWS: Final = Condition("Bool", "kms:GrantIsForAWSResource", ("true",))
"""What grants for AWS resources carry; the claims about grants ask for requests without it."""


@dataclass(frozen=True)
class Case:
    """What the built-in claims are decided on."""

    access: Access
    trust: Trust

    @property
    def account(self) -> str:
        """The key's account."""
        return self.access.space.location.account

    @property
    def callers(self) -> tuple[PrincipalClass, ...]:
        """All callers."""
        return self.access.space.callers

    def is_own(self, caller: PrincipalClass) -> bool:
        """Whether a caller is of the key's account."""
        return caller.caller.account == self.account

    def people(self) -> tuple[PrincipalClass, ...]:
        """Callers that aren't services."""
        return tuple(caller for caller in self.callers if not caller.is_service)

    def of(self, names: AbstractSet[str]) -> Box:
        """Every request for some actions."""
        return self.access.space.of_actions(masked(frozenset(names)))

    def ask(self, callers: Iterable[PrincipalClass], box: Box, counting: AccessMode = AccessMode.ANY) -> WitnessSearch:
        """Whether one of the callers is allowed a request of a box."""
        return ask_any(self.access, callers, Query(box, counting))


def nobody(
    name: str, sentence: str, answer: WitnessSearch, why: str | Callable[[], str], assuming: str = ""
) -> ClaimResult:
    """The result of a claim that there is no such request.

    Args:
        name: the claim's id.
        sentence: what it says.
        answer: whether there is one.
        why: the reason where there is none.
        assuming: what the sentence assumes where there is none.
    """
    if answer.witness is not None:
        return ClaimResult(name, sentence, Verdict.REFUTED, answer.witness.sentence, answer.witness)
    if answer.undecided:
        return ClaimResult(name, sentence, Verdict.UNKNOWN, answer.undecided)
    reason = why if isinstance(why, str) else why()
    return ClaimResult(name, sentence, Verdict.PROVED, reason, assuming=assuming)


def refuted(name: str, sentence: str, reason: str, witness: Witness | None) -> ClaimResult:
    """A claim refuted by a request; without one that the evaluator confirms it is only unknown."""
    return ClaimResult(name, sentence, Verdict.REFUTED if witness else Verdict.UNKNOWN, reason, witness)
