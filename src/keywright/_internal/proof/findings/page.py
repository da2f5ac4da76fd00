"""The page of documentation about the findings, written from the checks themselves: `docs/findings.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keywright._internal.proof.findings.registry import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.check import Check

_GROUPS: Final = {
    "1": "Principals",
    "2": "Actions",
    "3": "Statements",
    "4": "Conditions",
    "5": "AWS services",
    "6": "The policy as a whole",
}
_LONGEST_EXAMPLE: Final = 2000
_HEAD: Final = """# Findings

Faults of key policies that `keywright policy check` reports. This page is written from the checks themselves, by
`keywright policy findings --markdown`.

Each finding has an id that stays, a severity, a confidence and a persona. `low` is worth a look; from `medium` on
the policy doesn't do what it reads, or lets in more than it should, and `policy check` exits with 1. Findings of the
persona `pedantic` are remarks: harmless, or as AWS's own samples are; `--pedantic` shows them.
"""


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([_HEAD, *_table(), *(line for check in CHECKS for line in _section(check))])


def _table() -> Iterator[str]:
    yield "| id | finding | severity | persona |"
    yield "|---|---|---|---|"
    for check in CHECKS:
        yield f"| [{check.id}](#{check.id.lower()}) | {check.title} | {check.severity} | {check.persona} |"
    yield ""


def _section(check: Check) -> Iterator[str]:
    if check is next(item for item in CHECKS if item.id[2] == check.id[2]):
        yield f"## {_GROUPS[check.id[2]]}\n"
    yield f"### {check.id}\n"
    yield f"**{check.title}** (`{check.name}`)\n"
    yield f"Severity {check.severity}, confidence {check.confidence}, persona {check.persona}.\n"
    yield f"{check.why}\n"
    yield f"What to do: {check.remedy}. [AWS's page]({check.source_url}).\n"
    for label, example in (("Found in", check.bad), ("Not in", check.good)):
        text = example if len(example) <= _LONGEST_EXAMPLE else f"{example[:200]} …"
        yield f"{label}:\n\n```json\n{text}\n```\n"
