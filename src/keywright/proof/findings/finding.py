"""What a check reports: which fault, how bad, how sure, where it stands and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from keywright.errors import Location
    from keywright.policy.json_positions import Path

Severity = Literal["low", "medium", "high", "critical"]
Confidence = Literal["low", "medium", "high"]
Persona = Literal["regular", "pedantic"]
"""For whom a finding is worth reading: everybody, or somebody who wants to hear every remark."""

SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high", "critical")
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

    @property
    def documentation(self) -> str:
        """The section of the documentation that explains this id."""
        return f"{PAGE}#{self.id.lower()}"

    def is_at_least(self, severity: Severity) -> bool:
        """Whether the finding is this severe, or more."""
        return SEVERITIES.index(self.severity) >= SEVERITIES.index(severity)
