"""Grants: whom they let in beside the key policy, and whether those are still there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from keywright._internal.assessment.estate_checks import GRANT_TO_DELETED, GRANT_TO_OUTSIDER
from keywright._internal.model.arn import Arn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.aws import Grant
    from keywright._internal.estate.snapshot import ScannedKey
    from keywright._internal.proof.findings.finding import Finding

UNIQUE_ID: Final = re.compile(r"A(?:ROA|IDA)[A-Z0-9]{12,124}")
"""What KMS shows in place of a role or user that has been deleted."""
_USING: Final = frozenset({"Decrypt", "CreateGrant", "ReEncryptFrom", "DeriveSharedSecret", "Sign", "GenerateMac"})
"""Operations that read data, act in the key's name, or hand access on; with others, a grant is of medium severity."""


def grant_findings(key: ScannedKey, trusted: frozenset[str], identities: frozenset[str] | None) -> Iterator[Finding]:
    """What is wrong with a key's grants.

    Args:
        key: the key.
        trusted: the accounts that may have access.
        identities: the roles and users of the key's account; None where they weren't read.
    """
    for grant in key.grants:
        outsider = outside_account(grant, trusted)
        if outsider is not None:
            yield GRANT_TO_OUTSIDER.finding(
                f"{named(grant)} lets `{grant.grantee}` of account {outsider} call {', '.join(grant.operations)}"
                f"{limited(grant)}",
                severity="high" if _USING & set(grant.operations) else "medium",
            )
        elif is_gone(grant.grantee, key.location.account, identities):
            yield GRANT_TO_DELETED.finding(f"{named(grant)} is for `{grant.grantee}`, which is not there any more")


def outside_account(grant: Grant, trusted: frozenset[str]) -> str | None:
    """The account of a grantee that isn't one of the trusted ones; None for those, and for AWS services."""
    arn = Arn.find(grant.grantee)
    account = arn.account if arn else grant.grantee if re.fullmatch(r"\d{12}", grant.grantee) else ""
    return account if account and account not in trusted else None


def is_gone(principal: str, account: str, identities: frozenset[str] | None) -> bool:
    """Whether a principal is a role or user that has been deleted, as far as can be known."""
    if UNIQUE_ID.fullmatch(principal):
        return True
    arn = Arn.find(principal)
    if identities is None or arn is None or arn.account != account:
        return False
    if arn.service == "sts" and arn.resource.startswith("assumed-role/"):
        role = arn.resource.split("/")[1]
        return not any(item.endswith(f"/{role}") and ":role/" in item for item in identities)
    return arn.resource.startswith(("role/", "user/")) and principal not in identities


def named(grant: Grant) -> str:
    """A grant, for a sentence."""
    return f"the grant `{grant.name}` ({grant.grant_id[:12]}…)" if grant.name else f"the grant {grant.grant_id[:12]}…"


def limited(grant: Grant) -> str:
    """A grant's constraints, as the end of a sentence."""
    said = []
    for name, words in (
        ("EncryptionContextEquals", "the encryption context is exactly"),
        ("EncryptionContextSubset", "the encryption context has"),
    ):
        pairs = grant.constraints.get(name)
        if pairs:
            said.append(f"{words} {', '.join(f'{key}={value}' for key, value in sorted(pairs.items()))}")
    source = grant.constraints.get("SourceArn")
    if source:
        said.append(f"the call is for {source}")
    return f", if {' and '.join(said)}" if said else ""
