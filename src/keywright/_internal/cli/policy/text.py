"""Findings, claims and differences as text for people: each finding on its line of the policy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from keywright._internal.counting import counted
from keywright._internal.proof.claims.result import Verdict
from keywright._internal.proof.findings.finding import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from keywright._internal.proof.claims.result import ClaimResult, Witness
    from keywright._internal.proof.examination import Examination
    from keywright._internal.proof.findings.finding import Finding

_WIDEST = 120


def examination_text(examination: Examination, line_of: Callable[[int], str | None], *, pedantic: bool) -> str:
    """One examination.

    Args:
        examination: what was found out.
        line_of: a line of the file that the findings stand in, counted from 1.
        pedantic: whether remarks are shown too.
    """
    findings = shown(examination.findings, pedantic=pedantic)
    return "\n".join(
        [
            *(line for finding in findings for line in (*_finding(finding, line_of), "")),
            *(line for claim in examination.claims for line in _claim(claim)),
        ]
    )


def summary(examination: Examination) -> str:
    """One line: whether it passed, and what counts. What isn't known is no pass, though it fails nothing."""
    is_open = any(item.verdict is Verdict.UNKNOWN and not item.waived for item in examination.claims)
    verdict = "failed" if not examination.passed else "not fully decided" if is_open else "passed"
    by_verdict = {kind: sum(item.verdict is kind for item in examination.claims) for kind in Verdict}
    counts = [f"{count} {kind.value.lower()}" for kind, count in by_verdict.items() if count]
    waived = sum(bool(item.waived) for item in examination.claims)
    claims = ", ".join([*counts, *([f"{waived} of them waived"] if waived else [])])
    regular = shown(examination.findings, pedantic=False)
    remarks = len(examination.findings) - len(regular)
    more = f" ({counted(remarks, 'remark')} more with --pedantic)" if remarks else ""
    return f"{examination.subject}: {verdict}; {counted(len(regular), 'finding')}{more}; claims: {claims or 'none'}"


def witness_lines(witness: Witness) -> Iterator[str]:
    """A request that shows it, ready for `keywright policy simulate`."""
    document = witness.as_document()
    yield f"  shown by: {witness.sentence}"
    yield f"    request: {json.dumps(document['request'])}"
    if witness.identity_policies:
        yield f"    with identity policies: {json.dumps(document['identity_policies'])}"
    yield f"    decision: {witness.decision.outcome.value}, {witness.decision.reason}"


def _finding(finding: Finding, line_of: Callable[[int], str | None]) -> Iterator[str]:
    yield f"{finding.severity}[{finding.id}]: {finding.title}"
    at = finding.location
    if at is not None:
        margin = " " * len(str(at.line))
        yield f"{margin}--> {at}"
        line = line_of(at.line)
        if line is not None and len(line) <= _WIDEST:
            yield f"{margin} |"
            yield f"{at.line} | {line}"
            yield f"{margin} | {' ' * (at.column - 1)}^"
    where = f"{finding.statement}: " if finding.statement else ""
    yield f"  {where}{finding.message}"
    yield f"  what to do: {finding.remedy}"
    yield f"  more: keywright policy findings {finding.id}"


def _claim(claim: ClaimResult) -> Iterator[str]:
    yield f"{claim.verdict.value:<8} {claim.claim} ({claim.id})"
    if claim.waived:
        yield f"  WAIVED: {claim.waived}"
    if claim.reason:
        yield f"  {claim.reason}"
    if claim.assuming:
        yield f"  assuming: {claim.assuming}"
    if claim.verdict is Verdict.REFUTED and claim.witness is not None:
        yield from witness_lines(claim.witness)
