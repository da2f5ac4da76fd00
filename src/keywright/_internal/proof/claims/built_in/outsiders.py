"""Who outside the trusted accounts and organizations can reach the key, and which other account administers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import ADMINISTRATIVE, CROSS_ACCOUNT
from keywright._internal.policy.document import Condition
from keywright._internal.proof.claims import assumptions
from keywright._internal.proof.claims.built_in.case import FOR_AWS, nobody
from keywright._internal.proof.search.request_space import masked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright._internal.proof.claims.built_in.case import Case
    from keywright._internal.proof.claims.result import ClaimResult
    from keywright._internal.proof.claims.trust import Trust
    from keywright._internal.proof.search.callers import PrincipalClass

OUTSIDE: Final = "no-access-from-outside"
ADMINISTRATION: Final = "no-foreign-administration"
ADMINISTRATION_SENTENCE: Final = "no other account administers the key"


def conditions(trust: Trust) -> Iterator[Condition]:
    """What is asked of requests: whether the caller's organization is a trusted one."""
    if trust.organisations:
        yield _of_organisation(trust)


def no_access(case: Case) -> ClaimResult:
    """Nobody outside the trusted accounts and organizations is allowed anything."""
    sentence = f"nobody outside {case.trust.in_words()} can reach the key"
    space = case.access.space
    box = case.of(CROSS_ACCOUNT)
    if case.trust.organisations:
        box = space.where_not(box, _of_organisation(case.trust))
    strangers = [caller for caller in case.people() if caller.caller.account not in case.trust.accounts]
    reason = "no statement allows a caller of any other account"
    return nobody(OUTSIDE, sentence, case.ask(strangers, box), reason, assumptions.of_grants(case, box))


def no_administration(case: Case) -> ClaimResult:
    """No other account administers the key, were it a trusted one.

    Of the actions that work across accounts, RevokeGrant is the one that takes access away from others. A statement
    that gives another account actions which AWS documents to fail across accounts gives nothing; the reason says so.
    """
    others = [caller for caller in case.people() if not case.is_own(caller)]
    box = case.access.space.where_not(case.of({"kms:RevokeGrant"}), FOR_AWS)
    answer = case.ask(others, box)
    reason = "no other account may revoke grants of others, and KMS takes no other administrative call across accounts"
    if answer.surely_none and (vain := _in_vain(case, others)):
        reason += f", so that `{vain}` gives another account nothing"
    return nobody(ADMINISTRATION, ADMINISTRATION_SENTENCE, answer, reason)


def _in_vain(case: Case, others: Iterable[PrincipalClass]) -> str | None:
    """A statement that names another account for administrative actions."""
    given = masked(ADMINISTRATIVE)
    for caller in others:
        for item in case.access.profile(caller).allows if caller.named else ():
            if item.clause.may[0] & given:
                return item.clause.statement.sid or f"statement {item.clause.index + 1}"
    return None


def _of_organisation(trust: Trust) -> Condition:
    return Condition("StringEquals", "aws:PrincipalOrgID", tuple(sorted(trust.organisations)))
