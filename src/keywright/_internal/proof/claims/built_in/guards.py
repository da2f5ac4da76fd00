"""Is the key guarded as its declaration says: is everything denied that its guard patterns deny?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keywright._internal.policy.document import PolicyDocument
from keywright._internal.proof.claims.built_in.case import nobody
from keywright._internal.proof.search.access import Access, Query
from keywright._internal.proof.search.witnesses import WitnessSearch, ask, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright._internal.policy.document import Statement
    from keywright._internal.proof.claims.built_in.case import Case
    from keywright._internal.proof.claims.result import ClaimResult

DELETION: Final = "deletion-is-guarded"
DELETION_GUARDS: Final = ("deletion-break-glass", "deletion-mfa", "minimum-waiting-window", "unused-days")
"""The patterns of the catalogue that guard deletion."""


def deletion(case: Case, guards: Mapping[str, Sequence[Statement]]) -> ClaimResult | None:
    """No request is allowed that a declared guard of deletion forbids; no claim where none is declared.

    Args:
        case: the policy.
        guards: the statements of each declared guard.
    """
    if not guards:
        return None
    sentence = f"deletion is guarded as declared by {listed(f'`{name}`' for name in guards)}"
    statements = tuple(item for found in guards.values() for item in found if item.effect == "Deny")
    answer = _gap(case, PolicyDocument(statements))
    return nobody(DELETION, sentence, answer, "the policy denies everything that they deny, whoever asks")


def _gap(case: Case, forbidden: PolicyDocument) -> WitnessSearch:
    """A request that is allowed though it is forbidden."""
    wanted = Access(case.access.space, forbidden)
    open_ = ""
    for caller in case.callers:
        for deny in wanted.profile(caller).denies:
            goal = Query(deny.clause.may)
            if case.access.sight(caller, goal) is None:
                continue
            answer = ask(case.access, caller, goal)
            if answer.witness is not None:
                return answer
            open_ = open_ or answer.undecided
    return WitnessSearch(undecided=open_)
