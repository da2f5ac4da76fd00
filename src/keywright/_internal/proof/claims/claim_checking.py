"""What is wrong with the claims that a person wrote, found without deciding any of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from keywright._internal.model.spelling import did_you_mean
from keywright._internal.proof.claims.built_in import duties, guards, lockout, outsiders, services
from keywright._internal.proof.claims.claim_text import read_claim
from keywright.errors import InputError, Problem

BUILT_IN_CLAIMS: Final = (
    lockout.CHANGEABLE,
    lockout.SURVIVES,
    lockout.CALLER,
    outsiders.OUTSIDE,
    outsiders.ADMINISTRATION,
    services.SERVICES,
    duties.ADMINISTRATORS,
    duties.USERS,
    duties.STEPS,
    duties.NAMED,
    duties.GRANTS,
    guards.DELETION,
)
"""The ids of the claims that a key may be held to without writing one."""

_OWN_CLAIM = re.compile(r"claim-[1-9][0-9]*")
_SOME_ACCOUNT = "111122223333"
"""The account of a key that does not say its own: whether a claim can be understood does not depend on it."""


def claim_problems(claims: Sequence[str], *, account: str | None, partition: str) -> Iterator[Problem]:
    """Claims that aren't understood. The paths of the problems start at the key, or at the file.

    Args:
        claims: as written.
        account: the key's, where it is known.
        partition: the key's.
    """
    for index, text in enumerate(claims):
        try:
            read_claim(text, account=account or _SOME_ACCOUNT, partition=partition)
        except InputError as error:
            what = error.message.removeprefix(f"the claim `{text}` ")
            yield Problem(("claims", index), what, error.remedy, text)


def waiver_problems(waived: Iterable[str]) -> Iterator[Problem]:
    """Ids that no claim has. The paths of the problems start at the key.

    Args:
        waived: the ids that a key's `waive` names.
    """
    for name in waived:
        if name not in BUILT_IN_CLAIMS and not _OWN_CLAIM.fullmatch(name):
            remedy = did_you_mean(name, BUILT_IN_CLAIMS) or f"the ids are {', '.join(BUILT_IN_CLAIMS)} and `claim-N`"
            yield Problem(("waive", name), "is not the id of a claim", remedy)
