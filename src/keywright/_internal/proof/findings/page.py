"""The page of documentation about the findings, written from the checks themselves: `docs/findings.md`."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from keywright._internal.proof.findings.registry import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.check import Check

_LONGEST_EXAMPLE: Final = 2000
_HEAD: Final = """# Findings

Faults of key policies that `keywright policy check` reports. This page is written from the checks themselves, by
`keywright policy findings --markdown`.

Each finding has an id that stays, a severity, a confidence and a persona. `low` is worth a look; from `medium` on
the policy doesn't do what it reads, or lets in more than it should, and `policy check` exits with 1. Findings of the
persona `pedantic` are remarks: harmless, or as AWS's own samples are; `--pedantic` shows them.
"""


def page() -> str:
    """The whole page, in Markdown: an index by what findings are about, and a section each."""
    lines = [_HEAD, *_index()]
    for group, checks in _grouped():
        lines.append(f"## {group}\n")
        lines += [line for check in checks for line in _section(check)]
    return "\n".join(lines)


def _grouped() -> Iterator[tuple[str, tuple[Check, ...]]]:
    for group, checks in groupby(CHECKS, key=lambda check: check.group):
        yield group, tuple(checks)


def _index() -> Iterator[str]:
    yield "| | finding | severity | |"
    yield "|---|---|---|---|"
    for group, checks in _grouped():
        yield f"| | **[{group}](#{group.lower().replace(' ', '-')})** | | |"
        for check in checks:
            remark = "remark" if check.persona == "pedantic" else ""
            yield f"| [{check.id}](#{check.id.lower()}) | {check.title} | {check.severity} | {remark} |"
    yield ""


def _section(check: Check) -> Iterator[str]:
    yield f"### {check.id}\n"
    yield f"**{check.title}** (`{check.name}`)\n"
    yield f"Severity {check.severity}, confidence {check.confidence}, persona {check.persona}.\n"
    yield f"{check.why}\n"
    yield f"What to do: {check.remedy}. [AWS's page]({check.source_url}).\n"
    for label, example in (("Found in", check.bad), ("Not in", check.good)):
        text = example if len(example) <= _LONGEST_EXAMPLE else f"{example[:200]} …"
        yield f"{label}:\n\n```json\n{text}\n```\n"
