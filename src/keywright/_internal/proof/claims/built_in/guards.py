"""Is the key guarded as its declaration says: is everything denied that its guard patterns deny?"""

from __future__ import annotations

from functools import reduce
from operator import or_
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
    actions = reduce(or_, (clause.may[0] for clause in wanted.clauses), 0)
    whole = Query(case.access.space.of_actions(actions))
    for caller in case.callers:
        if case.access.sight(caller, whole) is None:  # most callers may call none of them, in any circumstances
            continue
        for deny in wanted.profile(caller).denies:
            answer = ask(case.access, caller, Query(deny.clause.may))
            if answer.witness is not None:
                return answer
            open_ = open_ or answer.undecided
    return WitnessSearch(undecided=open_)
