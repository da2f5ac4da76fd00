"""The in-toto statement of a release: SLSA provenance of its files, with the gates' results as an extension.

The extension field is `keywright_verification`, named by SLSA's rule for a producer's own fields; a reader that does
not know it still has the provenance. `docs/release.md` describes the build type and every field.

See https://slsa.dev/spec/v1.1/provenance and https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from keywright._internal.conformance.results import Gate, GateName, GateVerdict, Overall, Tool, Verification

STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://slsa.dev/provenance/v1"
BUILD_TYPE: Final = "pkg:pypi/keywright#docs/release.md"
"""Names the documentation of this kind of build by the package it belongs to: a package URL, owned by its name."""


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True, validate_by_alias=True
    )


class ResourceDescriptor(_Part):
    """A file, commit or package by name and digest."""

    name: str | None = None
    uri: str | None = None
    digest: dict[str, str] | None = None


class ExternalParameters(_Part):
    """What the person who released chose."""

    version: str
    allowed_skipped: tuple[GateName, ...]


class BuildDefinition(_Part):
    """How the files were made."""

    build_type: Literal["pkg:pypi/keywright#docs/release.md"] = BUILD_TYPE
    external_parameters: ExternalParameters
    resolved_dependencies: tuple[ResourceDescriptor, ...]


class Builder(_Part):
    """What made them: Keywright, wherever it ran. A claim of the signer, and no more trustworthy than its key."""

    id: str
    version: dict[str, str]


class Metadata(_Part):
    """When, UTC, ISO 8601."""

    started_on: str
    finished_on: str


class RunDetails(_Part):
    """By what and when."""

    builder: Builder
    metadata: Metadata


class GateRecord(_Part):
    """A gate's result, as in `verification.json`."""

    name: GateName
    verdict: GateVerdict
    tool: str
    seconds: float
    evidence: str


class VerificationRecord(_Part):
    """The gates' results and the tools' versions."""

    verdict: Overall
    gates: tuple[GateRecord, ...]
    tools: tuple[Tool, ...]


class Provenance(_Part):
    """SLSA provenance v1 with our extension."""

    build_definition: BuildDefinition
    run_details: RunDetails
    verification: VerificationRecord = Field(alias="keywright_verification")


class Statement(_Part):
    """The whole statement."""

    type_: Literal["https://in-toto.io/Statement/v1"] = Field(alias="_type", default=STATEMENT_TYPE)
    subject: tuple[ResourceDescriptor, ...]
    predicate_type: Literal["https://slsa.dev/provenance/v1"] = PREDICATE_TYPE
    predicate: Provenance

    @property
    def digests(self) -> dict[str, str]:
        """Each subject's SHA-256 by its name."""
        return {item.name or "": (item.digest or {}).get("sha256", "") for item in self.subject}


def record(verification: Verification) -> VerificationRecord:
    """What the statement says of a verification."""
    return VerificationRecord(
        verdict=verification.verdict,
        gates=tuple(_gate(gate) for gate in verification.gates),
        tools=verification.tools,
    )


def statement(digests: Mapping[str, str], verification: Verification, *, version: str) -> Statement:
    """The statement over some files' digests and a verification."""
    commit = verification.subject.commit
    source = (ResourceDescriptor(name="source", digest={"gitCommit": commit}),) if commit else ()
    packages = tuple(
        ResourceDescriptor(uri=f"pkg:pypi/{tool.name}@{tool.version}")
        for tool in verification.tools
        if tool.name == "hatchling"
    )
    return Statement(
        subject=tuple(ResourceDescriptor(name=name, digest={"sha256": digests[name]}) for name in sorted(digests)),
        predicate=Provenance(
            build_definition=BuildDefinition(
                external_parameters=ExternalParameters(version=version, allowed_skipped=verification.allowed_skipped),
                resolved_dependencies=source + packages,
            ),
            run_details=RunDetails(
                builder=Builder(id="pkg:pypi/keywright", version={"keywright": version}),
                metadata=Metadata(started_on=verification.started, finished_on=verification.finished),
            ),
            verification=record(verification),
        ),
    )


def as_bytes(document: Statement) -> bytes:
    """The statement's one text: what is signed, byte for byte."""
    return document.model_dump_json(by_alias=True, exclude_none=True, indent=2).encode() + b"\n"


def from_bytes(content: bytes) -> Statement:
    """Read a statement.

    Raises:
        ValueError: the bytes are no statement of ours.
    """
    return Statement.model_validate_json(content)


def _gate(gate: Gate) -> GateRecord:
    return GateRecord(
        name=gate.name, verdict=gate.verdict, tool=gate.tool, seconds=gate.seconds, evidence=gate.evidence
    )
