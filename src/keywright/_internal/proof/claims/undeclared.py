"""The claims that make sense for a key that nobody declared: nothing but its account says who is meant to reach it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from keywright._internal.proof.claims.built_in import lockout, outsiders, services
from keywright._internal.proof.claims.built_in.case import FOR_AWS, Case
from keywright._internal.proof.claims.declared import ALWAYS, prove_for_each_key
from keywright._internal.proof.claims.trust import named_by
from keywright._internal.proof.search.access import Access
from keywright._internal.proof.search.key_candidates import key_candidates
from keywright._internal.proof.search.request_space import RequestSpace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.model.key_location import KeyLocation
    from keywright._internal.policy.document import PolicyDocument
    from keywright._internal.proof.claims.result import ClaimResult
    from keywright._internal.proof.claims.trust import Trust
    from keywright._internal.proof.search.key_candidates import KeyCandidate

PUBLIC: Final = "no-public-access"
PUBLIC_SENTENCE: Final = "nobody reaches the key but accounts and organizations that its policy names"

NAMES: Final = (*ALWAYS, (PUBLIC, PUBLIC_SENTENCE))
"""Ids and sentences of the claims that every such key is held to."""


def prove_undeclared(document: PolicyDocument, location: KeyLocation, trust: Trust) -> tuple[ClaimResult, ...]:
    """What can be asked of any key: who from outside reaches it, and whether somebody can still change its policy.

    Args:
        document: the key's policy.
        location: where the key is.
        trust: the key's account, and the accounts and organizations that its owner trusts beside it; that the policy
            lets somebody in doesn't make him trusted.
    """
    named = named_by(document, location.account)

    def prove(key: KeyCandidate) -> Iterator[ClaimResult]:
        trusted, let_in = trust.of_key_in(key.organisation), named.of_key_in(key.organisation)
        space = RequestSpace(
            [document],
            key,
            conditions=[
                FOR_AWS,
                *lockout.conditions(document),
                *outsiders.conditions(trusted),
                *outsiders.conditions(let_in),
                *services.conditions(document, trusted),
            ],
        )
        case = Case(Access(space, document), trusted)
        yield from lockout.changeable(case)
        yield outsiders.no_access(case)
        yield outsiders.no_administration(case)
        of_the_public = outsiders.no_access(Case(case.access, let_in))
        yield replace(of_the_public, id=PUBLIC, claim=PUBLIC_SENTENCE)
        for_the_trusted = services.for_the_trusted_only(case, case)
        if for_the_trusted is not None:
            yield for_the_trusted

    asked = [*outsiders.conditions(trust.of_key_in(None)), *outsiders.conditions(named.of_key_in(None))]
    return prove_for_each_key(
        lambda: key_candidates([document], location.account, location.partition, location.region, asked=asked),
        prove,
        NAMES,
    )
