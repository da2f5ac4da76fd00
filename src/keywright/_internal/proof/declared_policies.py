"""Examining every key of a file, with each finding placed where a person can see it in that file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from keywright._internal.keysfile.stack import stack_of
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.document import as_json
from keywright._internal.policy.generation import key_policy
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.policy.rendering import location_of
from keywright._internal.proof.examination import Examination, examine_key, examine_policy, placed
from keywright.errors import Location

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.keysfile.source import Path_, Source
    from keywright._internal.model.key import Key
    from keywright._internal.proof.findings.finding import Finding


def examine_file(source: Source, *, account: str | None = None) -> tuple[Examination, ...]:
    """Every key of a file, and every replica that has a policy of its own.

    Args:
        source: the file as read.
        account: where the keys live, for those that don't say.

    Raises:
        InputError: the file has problems, or nothing says a key's account or Region.
    """
    stack = stack_of(source)
    found: list[Examination] = []
    for name, key in stack.keys.items():
        location = location_of(name, key, account)
        found.append(_key(source, name, key, location, (*stack.claims, *key.claims)))
        found += _replicas(source, name, key, location)
    return tuple(found)


def _key(source: Source, name: str, key: Key, location: KeyLocation, claims: tuple[str, ...]) -> Examination:
    text = key.policy if key.policy is not None else as_json(key_policy(key, location), indent=2)
    examination = examine_key(name, key, location, parse_policy(text, file=source.file), claims=claims)
    at: Path_ = ("keys", name) if key.policy is None else ("keys", name, "policy")
    return placed(examination, [_in_file(source, at, item, text) for item in examination.findings])


def _replicas(source: Source, name: str, key: Key, location: KeyLocation) -> Iterator[Examination]:
    for region, replica in key.replica_regions.items():
        if replica.policy is None:
            continue
        parsed = parse_policy(replica.policy, file=source.file)
        examination = examine_policy(parsed, account=location.account, region=region)
        at: Path_ = ("keys", name, "replica_regions", region, "policy")
        findings = [_in_file(source, at, item, replica.policy) for item in examination.findings]
        yield replace(examination, subject=f"{name}, its replica in {region}", findings=tuple(findings))


def _in_file(source: Source, at: Path_, finding: Finding, text: str) -> Finding:
    """The finding at its place in the file of keys: within a policy written there line by line, else at its field."""
    field = source.problem(at, at, "").location
    inside = finding.location
    if field is None or inside is None:
        return replace(finding, location=field)
    written = text.splitlines()
    for first in range(field.line - 1, len(source.lines)):
        block = source.lines[first : first + len(written)]
        if len(block) == len(written) > 1 and all(
            line.strip() == its.strip() for line, its in zip(block, written, strict=True)
        ):
            line = block[inside.line - 1]
            indent = len(line) - len(written[inside.line - 1])
            return replace(finding, location=Location(source.file, first + inside.line, inside.column + max(indent, 0)))
    return replace(finding, location=field)
