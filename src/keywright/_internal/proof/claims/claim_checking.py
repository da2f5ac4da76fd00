"""What is wrong with the claims that a person wrote, found without deciding any of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from keywright._internal.proof.claims.claim_text import read_claim
from keywright.errors import InputError, Problem

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
