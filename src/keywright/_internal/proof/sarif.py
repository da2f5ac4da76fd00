"""Examinations as SARIF 2.1.0, which code hosts show beside the lines of a change.

See https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote

from keywright._internal.proof.claims.result import Verdict
from keywright._internal.proof.findings.finding import shown
from keywright._internal.proof.findings.registry import BY_ID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright._internal.proof.claims.result import ClaimResult
    from keywright._internal.proof.examination import Examination
    from keywright._internal.proof.findings.finding import Confidence, Finding, Severity
    from keywright.errors import Location

LEVELS: Final[dict[Severity, str]] = {"low": "note", "medium": "warning", "high": "error", "critical": "error"}
SCORES: Final[dict[Severity, str]] = {"low": "3.0", "medium": "5.5", "high": "8.0", "critical": "9.5"}
"""The severity as the number that code hosts sort by."""
_KINDS: Final = {
    Verdict.REFUTED: ("fail", "error"),
    Verdict.UNKNOWN: ("open", "none"),
    Verdict.PROVED: ("pass", "none"),
}


def as_sarif(examinations: Sequence[tuple[str, Examination]], *, pedantic: bool = False) -> dict[str, Any]:
    """One run of Keywright over these policies, each with the file it stands in."""
    results: list[dict[str, Any]] = []
    claims: dict[str, ClaimResult] = {}
    for file, examination in examinations:
        results += [finding_result(file, item) for item in shown(examination.findings, pedantic=pedantic)]
        for claim in examination.claims:
            claims.setdefault(claim.id, claim)
            results.append(claim_result(file, examination.subject, claim))
    used = sorted({result["ruleId"] for result in results} & BY_ID.keys())
    rules = [rule_of(BY_ID[item]) for item in used]
    rules += [{"id": claim.id, "shortDescription": {"text": claim.claim}} for claim in claims.values()]
    return sarif_log(rules, results)


def sarif_log(rules: Sequence[dict[str, Any]], results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A log of one run of Keywright."""
    driver = {"name": "keywright", "version": version("keywright"), "rules": list(rules)}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": list(results)}],
    }


class Rule(Protocol):
    """What is said once of all results of one check."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def confidence(self) -> Confidence: ...
    @property
    def why(self) -> str: ...
    @property
    def remedy(self) -> str: ...
    @property
    def source_url(self) -> str: ...


def rule_of(check: Rule) -> dict[str, Any]:
    """A check as a rule of the log."""
    return {
        "id": check.id,
        "name": "".join(part.capitalize() for part in check.name.split("-")),
        "shortDescription": {"text": check.title},
        "fullDescription": {"text": check.why},
        "help": {"text": check.remedy},
        "helpUri": check.source_url,
        "defaultConfiguration": {"level": LEVELS[check.severity]},
        "properties": {"security-severity": SCORES[check.severity], "precision": check.confidence},
    }


def finding_result(file: str, finding: Finding) -> dict[str, Any]:
    """A finding as a result of the log."""
    return {
        "ruleId": finding.id,
        "level": LEVELS[finding.severity],
        "message": {"text": f"{finding.message}; {finding.remedy}"},
        "locations": [_place(file, finding.location)],
    }


def claim_result(file: str, subject: str, claim: ClaimResult) -> dict[str, Any]:
    """A claim as a result of the log."""
    kind, level = _KINDS[claim.verdict]
    waived = {"suppressions": [{"kind": "inSource", "justification": claim.waived}]} if claim.waived else {}
    return {
        "ruleId": claim.id,
        "kind": kind,
        "level": level,
        "message": {"text": f"{subject}: {claim.claim}: {claim.verdict.value}, {claim.reason}"},
        "locations": [_place(file, None)],
        **waived,
    }


def _place(file: str, location: Location | None) -> dict[str, Any]:
    uri = quote(PurePath(location.file if location else file).as_posix())
    place: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if location is not None:
        place["region"] = {"startLine": location.line, "startColumn": location.column}
    return {"physicalLocation": place}
