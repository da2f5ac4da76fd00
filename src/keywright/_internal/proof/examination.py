"""Examining a key policy: its findings and its claims together. Those of a stack: `declared_policies`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright._internal.model.key_location import KeyLocation
from keywright._internal.proof.claims.declared import prove_policy
from keywright._internal.proof.claims.remembered import remembered
from keywright._internal.proof.claims.result import ClaimResult, Verdict
from keywright._internal.proof.findings.finding import failing, shown
from keywright._internal.proof.findings.search import find
from keywright._internal.proof.findings.subject import PolicyView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright._internal.policy.parsing import ParsedPolicy
    from keywright._internal.proof.findings.finding import Finding
    from keywright._internal.proof.memory import Memory


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found out about one policy."""

    subject: str
    """The policy's file, or the key's name and which of its replicas."""
    account: str | None
    """The key's account: as told, or as the policy itself says."""
    findings: tuple[Finding, ...]
    claims: tuple[ClaimResult, ...]

    @property
    def passed(self) -> bool:
        """Whether no claim fails and no finding but remarks is severe. What isn't known, or is waived, is shown."""
        return not any(claim.fails for claim in self.claims) and not failing(self.findings)

    def as_document(self, *, pedantic: bool = False) -> dict[str, Any]:
        """The examination as `--json` shows it."""
        return {
            "subject": self.subject,
            "account": self.account,
            "passed": self.passed,
            "findings": [item.as_document() for item in shown(self.findings, pedantic=pedantic)],
            "claims": [claim.as_document() for claim in self.claims],
        }


def examine_policy(
    parsed: ParsedPolicy,
    *,
    account: str | None = None,
    region: str | None = None,
    trusted_accounts: Sequence[str] = (),
    trusted_organisations: Sequence[str] = (),
    claims: Sequence[str] = (),
    caller: str | None = None,
    memory: Memory | None = None,
) -> Examination:
    """A bare policy. Without an account its findings still count, and its claims aren't known.

    Args:
        parsed: the policy, with its text.
        account: the key's account; where left out, the one that the policy itself says.
        region: the key's Region, where known.
        trusted_accounts: in place of those that the policy names.
        trusted_organisations: in place of those that the policy names.
        claims: further ones, as text.
        caller: the ARN of whoever is about to write the policy, where that is known.
        memory: where results of earlier runs are.

    Raises:
        InputError: a claim's text isn't understood.
    """
    view = PolicyView(parsed)
    home = account or view.home.account
    if home is None:
        return Examination(parsed.file, None, find(parsed), (_NOBODY_S_KEY,))
    told = PolicyView(parsed, KeyLocation("", home, region or ""))
    partition = told.home.partition or "aws"
    told_beside = (tuple(claims), caller, partition, region, tuple(trusted_accounts), tuple(trusted_organisations))
    results = remembered(
        memory,
        ("policy", parsed.document, home, *told_beside),
        parsed.document,
        lambda: prove_policy(
            parsed.document,
            home,
            claims=claims,
            caller=caller,
            partition=partition,
            region=region,
            trusted_accounts=trusted_accounts,
            trusted_organisations=trusted_organisations,
        ),
    )
    return Examination(parsed.file, home, find(parsed, location=KeyLocation(partition, home, region or "")), results)


_NOBODY_S_KEY = ClaimResult(
    "account-known",
    "the claims about who may administer and use the key hold",
    Verdict.UNKNOWN,
    "neither `--account` nor the policy says which account the key lives in",
)
