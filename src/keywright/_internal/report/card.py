"""The verification card: Markdown, one HTML file, and a badge, all from a `Verification` and nothing else."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from keywright._internal.conformance.results import AccessTable, Claim, Gate, Verification

MARKDOWN = "card.md"
HTML = "card.html"
BADGE = "badge.svg"

_WORDS = {"passed": "verified", "failed": "not verified", "incomplete": "incomplete"}

_RING_RADIUS = 56.0
_RING_GAP = 5.0
"""Between two segments of the ring, in units of the drawing."""

_BADGE_LETTER = 6.6
"""Mean advance of a letter of the badge's 11-pixel type; `textLength` makes the drawing hold to it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One gate's arc of the ring."""

    gate: Gate
    path: str


@dataclass(frozen=True, slots=True)
class ClaimsOfPolicy:
    """The claims about one policy, and how many are proved."""

    policy: str
    claims: tuple[Claim, ...]

    @property
    def proved(self) -> int:
        """How many are proved."""
        return sum(claim.verdict == "proved" for claim in self.claims)


def pages(verification: Verification) -> dict[str, bytes]:
    """The card's files by name; the same verification gives the same bytes."""
    values = _values(verification)
    html, plain = _environment(escape=True), _environment(escape=False)
    return {
        MARKDOWN: plain.get_template("card.md").render(values).encode(),
        HTML: html.get_template("card.html").render(values).encode(),
        BADGE: html.get_template("badge.svg").render(values).encode(),
    }


def _values(verification: Verification) -> dict[str, Any]:
    passed = sum(gate.verdict == "passed" for gate in verification.gates)
    word = _WORDS[verification.verdict]
    message = f"{word} {passed}/{len(verification.gates)}"
    return {
        "verification": verification,
        "word": word,
        "headline": _headline(verification),
        "passed": passed,
        "total": len(verification.gates),
        "skipped": [gate for gate in verification.gates if gate.verdict == "skipped"],
        "failed": [gate for gate in verification.gates if gate.verdict == "failed"],
        "segments": _segments(verification.gates),
        "claims": _by_policy(verification.claims),
        "proved": sum(claim.verdict == "proved" for claim in verification.claims),
        "access": _same_rows_together(verification.access),
        "badge": {"label_width": _width("keywright"), "message": message, "message_width": _width(message)},
    }


def _headline(verification: Verification) -> str:
    failed = [gate.name for gate in verification.gates if gate.verdict == "failed"]
    skipped = sum(gate.verdict == "skipped" for gate in verification.gates)
    gates = f"{skipped} {'gate' if skipped == 1 else 'gates'}"
    match verification.verdict:
        case "failed":
            return f"{len(failed)} {'gate' if len(failed) == 1 else 'gates'} failed: {', '.join(failed)}."
        case "incomplete":
            return f"Nothing failed, but {gates} could not run, so this is not a pass."
        case "passed" if skipped:
            return f"Every gate that ran passed; {gates} did not run, by choice, and the reason is below."
        case "passed":
            return "Every gate passed."


def _environment(*, escape: bool) -> Environment:
    environment = Environment(
        loader=PackageLoader("keywright._internal.report"),
        autoescape=escape,  # noqa: S701 - on for HTML and SVG; Markdown has its own `cell`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(cell=_cell, duration=_duration, document=_document, prose=_prose)
    return environment


def _cell(text: str) -> str:
    """Text as one cell of a Markdown table, shown literally."""
    for character in "\\`*_<>|[]":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split())


def _prose(text: str) -> Markup:
    """Text in HTML, with what stands in backticks shown as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup().join(
        Markup("<code>{}</code>").format(part) if index % 2 else escape(part) for index, part in enumerate(parts)
    )


def _duration(seconds: float) -> str:
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    return f"{seconds:.1f} s" if seconds < 60 else f"{int(seconds // 60)} min {round(seconds % 60)} s"  # noqa: PLR2004


def _document(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _width(text: str) -> int:
    return round(len(text) * _BADGE_LETTER) + 20


def _by_policy(claims: Iterable[Claim]) -> list[ClaimsOfPolicy]:
    grouped: dict[str, list[Claim]] = {}
    for claim in claims:
        grouped.setdefault(claim.policy, []).append(claim)
    return [ClaimsOfPolicy(policy, tuple(found)) for policy, found in grouped.items()]


def _same_rows_together(tables: Iterable[AccessTable]) -> list[tuple[list[str], AccessTable]]:
    """Policies that give the very same access share one table."""
    grouped: dict[str, tuple[list[str], AccessTable]] = {}
    for table in tables:
        key = table.model_copy(update={"policy": ""}).model_dump_json()
        grouped.setdefault(key, ([], table))[0].append(table.policy)
    return list(grouped.values())


def _segments(gates: Iterable[Gate]) -> list[Segment]:
    """The ring's arcs, clockwise from the top, one a gate."""
    listed = list(gates)
    step = 2 * math.pi / max(len(listed), 1)
    gap = _RING_GAP / _RING_RADIUS
    segments = []
    for index, gate in enumerate(listed):
        start, end = index * step + gap / 2, (index + 1) * step - gap / 2
        arc = f"M {_point(start)} A {_RING_RADIUS:g} {_RING_RADIUS:g} 0 0 1 {_point(end)}"
        segments.append(Segment(gate, arc))
    return segments


def _point(angle: float) -> str:
    return f"{_RING_RADIUS * math.sin(angle):.2f} {-_RING_RADIUS * math.cos(angle):.2f}"
