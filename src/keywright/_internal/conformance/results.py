"""What a run of the gates found: the types behind `verification.json`, the card and `conform --json`.

A skipped gate is never a pass. The overall verdict follows from the gates alone (`overall_verdict`), so whoever
holds the document can work it out again, and `keywright verify-release` does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from keywright._internal.proof.difference.access_levels import AccessLevel
from keywright.errors import InputError, Problem

GateName = Literal[
    "fmt",
    "validate",
    "tflint",
    "security-scan",
    "plan-tests",
    "equality",
    "claims",
    "live-test",
    "checksums",
    "signature",
]
GateVerdict = Literal["passed", "failed", "skipped"]
Overall = Literal["passed", "failed", "incomplete"]

GATE_NAMES: tuple[GateName, ...] = get_args(GateName)
"""Every gate, in the order they run and are shown."""

FORMAT: Literal[1] = 1
"""The version of `verification.json`; raised only when a reader of the old one would be misled."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ToolRun(_Record):
    """One tool's run inside a gate: a gate that runs on two engines has two of these."""

    tool: str
    """The tool's name, for example `OpenTofu`."""
    version: str
    """The version the tool gave of itself; empty where it has none."""
    command: str
    """What was run, as it could be typed again from the module's folder."""
    verdict: GateVerdict
    """This run's own verdict."""
    seconds: float = Field(ge=0)
    """Wall-clock duration."""
    evidence: str
    """One sentence: what was seen."""


class Gate(_Record):
    """One gate and what it found."""

    name: GateName
    """The gate's name."""
    verdict: GateVerdict
    """`skipped` says that nothing was checked; it is not a pass."""
    tool: str
    """The tools that ran, or that would have."""
    seconds: float = Field(ge=0)
    """Wall-clock duration of the whole gate."""
    evidence: str
    """One sentence: what was seen, or why the gate could not run and how to get what it needs."""
    runs: tuple[ToolRun, ...] = ()
    """Each tool's run with its version and command."""
    findings: tuple[str, ...] = ()
    """What is wrong, one entry each, with file and line where there is one."""


class Claim(_Record):
    """One claim about one policy and how it was decided."""

    policy: str
    """Which policy: the example and the resource, or the file and the key."""
    claim: str
    """The claim in words."""
    verdict: Literal["proved", "refuted", "unknown"]
    """`unknown` is not a pass."""
    reason: str
    """Why: the statement that decides it, or what could not be decided."""
    witness: dict[str, Any] | None = None
    """The request that breaks the claim, where one was found and replayed."""


class AccessLine(_Record):
    """What one principal of a policy may do with the key."""

    principal: str
    """Who: an ARN, an account id, a service name or `*`."""
    administer: AccessLevel
    """Change the key and its policy."""
    use: AccessLevel
    """Encrypt, decrypt, sign, verify and so on."""
    grant: AccessLevel
    """Hand access on."""
    delete: AccessLevel
    """Schedule the key's deletion."""


class AccessTable(_Record):
    """The access that one policy gives."""

    policy: str
    """Which policy: the example and the resource, or the file and the key."""
    statements: tuple[str, ...]
    """Each statement in one English sentence, in the policy's order."""
    rows: tuple[AccessLine, ...]
    """One a principal."""


class Tool(_Record):
    """A program or library that took part, and its version."""

    name: str
    """Its name."""
    version: str
    """Its version."""


class Subject(_Record):
    """What was verified."""

    module: str
    """The module's name."""
    archive_sha256: str
    """SHA-256 of the module's reproducible archive, which names the very files that were checked."""
    files: int
    """How many files the archive holds."""
    commit: str | None = None
    """The Git commit, where the files are one commit's."""


class ExpectedException(_Record):
    """What a gate can't do to the letter, for a reason outside our reach, and what it checks instead."""

    gate: GateName
    """The gate it belongs to."""
    statement: str
    """What is expected, why, and what was checked."""


class Verification(_Record):
    """A whole run of the gates: `verification.json`."""

    format_version: Literal[1] = FORMAT
    """Version of this document's shape."""
    verdict: Overall
    """`passed`: every gate passed, but for those in `allowed_skipped`; `incomplete`: some gate did not run."""
    gates: tuple[Gate, ...]
    """All ten, in their order."""
    allowed_skipped: tuple[GateName, ...] = ()
    """Gates that the person who ran this allowed to be skipped."""
    subject: Subject
    """What was verified."""
    started: str
    """When, UTC, ISO 8601."""
    finished: str
    """When it ended, UTC, ISO 8601."""
    tools: tuple[Tool, ...]
    """Every tool that took part, with its version."""
    claims: tuple[Claim, ...] = ()
    """Each claim about each policy of the examples."""
    access: tuple[AccessTable, ...] = ()
    """The access table of each policy of the examples."""
    exceptions: tuple[ExpectedException, ...] = ()
    """What is different by nature, and recorded as such."""


def overall_verdict(gates: Iterable[Gate], allowed_skipped: Iterable[GateName] = ()) -> Overall:
    """What the gates amount to: a failure outweighs a gap, and a gap is a pass only where it was allowed by name.

    A gate that is missing altogether counts as one that did not run.
    """
    found = {gate.name: gate.verdict for gate in gates}
    allowed = set(allowed_skipped)
    if "failed" in found.values():
        return "failed"
    if any(found.get(name) != "passed" and name not in allowed for name in GATE_NAMES):
        return "incomplete"
    return "passed"


def as_text(verification: Verification) -> str:
    """The one text of `verification.json`: the same result gives the same bytes."""
    return json.dumps(verification.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def from_text(text: str, *, file: str = "verification.json") -> Verification:
    """Read `verification.json`.

    Raises:
        InputError: the text is not JSON, or not of the documented shape; each problem names its field.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - only the unhappy path needs the name

    try:
        return Verification.model_validate_json(text)
    except ValidationError as error:
        problems = tuple(Problem(path=item["loc"], message=item["msg"]) for item in error.errors(include_url=False))
        raise InputError(
            f"`{file}` is not a verification document",
            "write it with `keywright conform`",
            problems=problems,
        ) from error


def json_schema() -> dict[str, Any]:
    """The JSON Schema of `verification.json`, as `docs/verification.schema.json` holds it."""
    schema = Verification.model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Keywright's verification.json",
        **{key: value for key, value in schema.items() if key != "title"},
    }
