"""Findings as text and back, for whoever remembers them: the rules are then neither imported nor applied."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from keywright._internal.proof.findings.finding import Finding
from keywright.errors import Location

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from keywright._internal.proof.memory import Memory


def remembered(
    memory: Memory | None, inputs: tuple[object, ...], file: str, find: Callable[[], tuple[Finding, ...]]
) -> tuple[Finding, ...]:
    """The findings on a policy: those that are remembered, or else new ones, remembered from now on.

    Args:
        memory: where; None for none.
        inputs: all that the findings depend on, but the file.
        file: where the policy stands now, whatever its name was when they were found.
        find: finds them.
    """
    if memory is None:
        return find()
    text = memory.recall(inputs)
    known = None if text is None else read_findings(text, file)
    if known is not None:
        return known
    found = find()
    memory.keep(inputs, write_findings(found))
    return found


def write_findings(findings: Sequence[Finding]) -> str:
    """The findings as text."""
    return json.dumps([asdict(item) for item in findings], separators=(",", ":"))


def read_findings(text: str, file: str) -> tuple[Finding, ...] | None:
    """The findings that a text holds, of a policy in this file; None where it isn't such a text."""
    try:
        return tuple(_finding(row, file) for row in json.loads(text))
    except (KeyError, TypeError, ValueError):
        return None


def _finding(row: dict[str, Any], file: str) -> Finding:
    place = row["location"]
    location = None if place is None else replace(Location(**place), file=file)
    return Finding(**{**row, "path": tuple(row["path"]), "location": location})
