"""Looking at a policy with every check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.finding import Finding
from keywright._internal.proof.findings.registry import CHECKS
from keywright._internal.proof.findings.subject import PolicyView

if TYPE_CHECKING:
    from keywright._internal.model.key_location import KeyLocation
    from keywright._internal.policy.parsing import ParsedPolicy
    from keywright._internal.proof.findings.check import Check, Hit


def find(
    parsed: ParsedPolicy,
    *,
    location: KeyLocation | None = None,
    key_spec: str | None = None,
    key_usage: str | None = None,
) -> tuple[Finding, ...]:
    """Every fault of a policy, in the order of its text, and of the checks' ids at one place.

    Args:
        parsed: the policy, with its text.
        location: where the key lives; where left out, what the policy itself says about that.
        key_spec: the key's spec, such as `RSA_2048`, where known.
        key_usage: the key's usage, such as `SIGN_VERIFY`, where known.
    """
    view = PolicyView(parsed, location, key_spec, key_usage)
    found = [_finding(check, hit, parsed) for check in CHECKS for hit in check.look(view)]
    return tuple(sorted(found, key=_place))


def _finding(check: Check, hit: Hit, parsed: ParsedPolicy) -> Finding:
    return Finding(
        id=check.id,
        title=check.title,
        severity=hit.severity or check.severity,
        confidence=hit.confidence or check.confidence,
        persona=hit.persona or check.persona,
        message=hit.message,
        remedy=hit.remedy or check.remedy,
        statement=hit.statement.label if hit.statement else None,
        path=hit.path,
        location=parsed.locate(hit.path),
    )


def _place(finding: Finding) -> tuple[int, int, str]:
    at = finding.location
    return (at.line, at.column, finding.id) if at else (0, 0, finding.id)
