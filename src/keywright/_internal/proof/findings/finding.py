"""What a check reports: which fault, how bad, how sure, where it stands and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keywright._internal.policy.json_positions import Path
    from keywright.errors import Location

Severity = Literal["low", "medium", "high", "critical"]
Confidence = Literal["low", "medium", "high"]
Persona = Literal["regular", "pedantic"]
"""For whom a finding is worth reading: everybody, or somebody who wants to hear every remark."""

SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
FAILING: Severity = "medium"
"""From this severity on a finding fails a policy."""
PAGE = "docs/findings.md"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one policy.

    `path` is the element's path in the policy's JSON; `location` is its place in the text that a person wrote,
    or None where the policy has no text of its own.
    """

    id: str
    title: str
    severity: Severity
    confidence: Confidence
    persona: Persona
    message: str
    remedy: str
    statement: str | None
    path: Path
    location: Location | None = None
    page: str = PAGE
    """The page of the documentation that has a section for its id."""

    @property
    def documentation(self) -> str:
        """The section of the documentation that explains this id."""
        return f"{self.page}#{self.id.lower()}"

    def as_document(self) -> dict[str, Any]:
        """The finding as `--json` shows it."""
        return {
            "id": self.id,
            "title": self.title,
            "severity": self.severity,
            "confidence": self.confidence,
            "persona": self.persona,
            "message": self.message,
            "remedy": self.remedy,
            "statement": self.statement,
            "path": list(self.path),
            "file": self.location.file if self.location else None,
            "line": self.location.line if self.location else None,
            "column": self.location.column if self.location else None,
            "documentation": self.documentation,
        }

    def is_at_least(self, severity: Severity) -> bool:
        """Whether the finding is this severe, or more."""
        return SEVERITIES.index(self.severity) >= SEVERITIES.index(severity)


def failing(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The findings that fail a policy."""
    return tuple(item for item in shown(findings, pedantic=False) if item.is_at_least(FAILING))


def shown(findings: Sequence[Finding], *, pedantic: bool) -> list[Finding]:
    """The findings that a reader of this persona wants to see."""
    return [item for item in findings if pedantic or item.persona == "regular"]
