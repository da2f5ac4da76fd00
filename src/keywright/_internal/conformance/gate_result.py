"""What one gate gives back, and how the runs inside it add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keywright._internal.conformance.results import (
    AccessTable,
    Claim,
    ExpectedException,
    Gate,
    GateName,
    GateVerdict,
    Tool,
    ToolRun,
)


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """A gate's result, and what it adds to the card beside it."""

    gate: Gate
    claims: tuple[Claim, ...] = ()
    access: tuple[AccessTable, ...] = ()
    exceptions: tuple[ExpectedException, ...] = ()
    tools: tuple[Tool, ...] = ()


def verdict_of(runs: Sequence[ToolRun], *, all_needed: bool = False) -> GateVerdict:
    """What the runs amount to: one failure fails the gate, and a gate of which nothing ran is skipped.

    Args:
        runs: the runs of one gate.
        all_needed: whether each run checks something that no other one does, so that a gap is a gap of the gate.
    """
    verdicts = {run.verdict for run in runs}
    if "failed" in verdicts:
        return "failed"
    if "passed" not in verdicts or (all_needed and "skipped" in verdicts):
        return "skipped"
    return "passed"


def gate_of(
    name: GateName,
    runs: Sequence[ToolRun],
    *,
    evidence: str,
    findings: Sequence[str] = (),
    all_needed: bool = False,
) -> Gate:
    """The gate that some runs make up; its time is set by whoever measured it.

    Args:
        name: the gate.
        runs: one each tool.
        evidence: what was seen where it passed; otherwise the runs themselves say what is wrong or missing.
        findings: what is wrong, one entry each.
        all_needed: see `verdict_of`.
    """
    verdict = verdict_of(runs, all_needed=all_needed)
    if verdict == "skipped":
        evidence = "; ".join(dict.fromkeys(run.evidence for run in runs if run.verdict == "skipped"))
    elif verdict == "failed":
        evidence = "; ".join(dict.fromkeys(run.evidence for run in runs if run.verdict == "failed"))
    ran = [run for run in runs if run.verdict != "skipped"] or list(runs)
    return Gate(
        name=name,
        verdict=verdict,
        tool=", ".join(dict.fromkeys(f"{run.tool} {run.version}".strip() for run in ran)),
        seconds=sum(run.seconds for run in runs),
        evidence=evidence,
        runs=tuple(runs),
        findings=tuple(dict.fromkeys(findings)),
    )


def not_run(name: GateName, tool: str, reason: str) -> GateOutcome:
    """A gate of which nothing ran, and why."""
    return GateOutcome(Gate(name=name, verdict="skipped", tool=tool, seconds=0, evidence=reason))
