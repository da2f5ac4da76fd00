"""The claims of a declared key, and of a bare policy: which ones there are, and who is trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keywright.model.key import Key, KeySetting
    from keywright.policy.document import PolicyDocument
    from keywright.proof.claims import ClaimResult


def prove_key(
    key: Key,
    setting: KeySetting,
    document: PolicyDocument,
    *,
    claims: Sequence[str] = (),
    caller: str | None = None,
) -> tuple[ClaimResult, ...]:
    """Every default claim, and the user's own, on the policy of a declared key.

    Args:
        key: the key as declared.
        setting: where it lives.
        document: its policy, generated or written by hand.
        claims: the user's own, as text; see `keywright.proof.claim_text`.
        caller: the ARN of whoever is about to write the policy, where that is known.

    Raises:
        InputError: a claim's text isn't understood.
    """
    raise NotImplementedError


def prove_policy(
    document: PolicyDocument,
    account: str,
    *,
    partition: str = "aws",
    region: str | None = None,
    trusted_accounts: Iterable[str] = (),
    trusted_organisations: Iterable[str] = (),
) -> tuple[ClaimResult, ...]:
    """The claims that a bare policy can be held to.

    Args:
        document: the policy.
        account: the key's own.
        partition: the key's.
        region: the key's, where known.
        trusted_accounts: in place of those that the policy names.
        trusted_organisations: in place of those that the policy names.
    """
    raise NotImplementedError
