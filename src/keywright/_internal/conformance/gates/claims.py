"""`claims`: what the policies of the examples allow, proved: of the declared keys, and of what the module plans."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from keywright._internal.conformance.gate_result import GateOutcome, gate_of
from keywright._internal.conformance.planned import PlannedPolicy, example_plans, planned_policies
from keywright._internal.conformance.results import AccessLine, AccessTable, Claim, GateVerdict, ToolRun
from keywright._internal.conformance.tool_names import OURS, engine_command, engine_name, our_version
from keywright._internal.conformance.workspace import Bench
from keywright._internal.keysfile.stack import load_stack
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.policy.stack_policies import DeclaredPolicy, stack_policies
from keywright._internal.proof.claims.result import Verdict
from keywright._internal.proof.declared_policies import examine_declared, proof_inputs
from keywright._internal.proof.difference.explanation import Explanation, explain, explain_declared
from keywright._internal.proof.examination import Examination, examine_policy
from keywright._internal.proof.findings.finding import failing
from keywright._internal.sandbox import DEFAULT_ACCOUNT
from keywright._internal.terraform.engine import Engine
from keywright.errors import InputError

_MANY = 3


@dataclass(slots=True)
class _Proof:
    """What was proved about some policies, so far."""

    claims: list[Claim] = field(default_factory=list)
    access: list[AccessTable] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    waived: int = 0

    def add(self, label: str, examination: Examination, explanation: Explanation) -> None:
        for result in examination.claims:
            verdict = result.verdict.value.lower()
            witness = result.witness.as_document() if result.witness else None
            claim = Claim.model_validate(
                {
                    "policy": label,
                    "claim": result.claim,
                    "verdict": verdict,
                    "reason": f"WAIVED: {result.waived}; {result.reason}" if result.waived else result.reason,
                    "witness": witness,
                }
            )
            self.claims.append(claim)
            if result.waived:
                self.waived += 1
            elif result.verdict is not Verdict.PROVED:
                shown = f"; {result.witness.sentence}" if result.witness else ""
                self.findings.append(f"{label}: {result.claim}: {verdict}: {result.reason}{shown}")
        for finding in failing(examination.findings):
            self.findings.append(f"{label}: {finding.title} ({finding.id}): {finding.message}")
        rows = tuple(
            AccessLine(
                principal=line.principal,
                administer=line.administer,
                use=line.use,
                grant=line.grant,
                delete=line.delete,
            )
            for line in explanation.table
        )
        self.access.append(AccessTable(policy=label, statements=explanation.statements, rows=rows))

    @property
    def proved(self) -> int:
        return sum(claim.verdict == "proved" for claim in self.claims)


def check(bench: Bench) -> GateOutcome:
    """Prove every claim on every policy; nothing but a proof passes, or a waiver in the file, which is said."""
    proof = _Proof()
    runs = [_declared(bench, proof)] if bench.module.keys_files else []
    if bench.module.examples or not runs:
        runs.append(_planned(bench, proof))
    policies = len({claim.policy for claim in proof.claims})
    evidence = f"{proof.proved} of {len(proof.claims)} claims about {policies} policies proved, and no finding"
    if proof.waived:
        evidence = f"{evidence}; {proof.waived} WAIVED in the files"
    gate = gate_of("claims", runs, evidence=evidence, findings=proof.findings, all_needed=True)
    if gate.verdict == "skipped" and proof.claims:
        gate = gate.model_copy(update={"evidence": f"{evidence}; but {gate.evidence}"})
    return GateOutcome(gate, claims=tuple(proof.claims), access=tuple(proof.access))


def _declared(bench: Bench, proof: _Proof) -> ToolRun:
    started, before, known = time.monotonic(), len(proof.findings), len(proof.claims)
    files = bench.module.keys_files
    for file in files:
        try:
            for alike in _alike(stack_policies(load_stack(file), account=DEFAULT_ACCOUNT)):
                one = alike[0]
                proof.add(_label(file, alike), examine_declared(one, file=file.name), explain_declared(one))
        except InputError as error:
            proof.findings.append(f"{file.name}: {error.message}")
    proved = sum(claim.verdict == "proved" for claim in proof.claims[known:])
    return ToolRun(
        tool=OURS,
        version=our_version(),
        command="keywright policy check " + " ".join(f"examples/{file.name}" for file in files),
        verdict="failed" if len(proof.findings) > before else "passed",
        seconds=time.monotonic() - started,
        evidence=f"{proved} of {len(proof.claims) - known} claims proved about the keys of {len(files)} files",
    )


def _alike(policies: Iterator[DeclaredPolicy]) -> list[list[DeclaredPolicy]]:
    """Keys of a fleet that differ in nothing a claim can see are proved once, together."""
    groups: dict[tuple[object, ...], list[DeclaredPolicy]] = {}
    for item in policies:
        groups.setdefault((*proof_inputs(item), item.of_replica), []).append(item)
    return list(groups.values())


def _label(file: Path, alike: Sequence[DeclaredPolicy]) -> str:
    names = [item.label for item in alike]
    listed = ", ".join(names) if len(names) <= _MANY else f"{names[0]} to {names[-1]}, {len(names)} keys"
    return f"{file.name}: {listed}"


def _planned(bench: Bench, proof: _Proof) -> ToolRun:
    """The policies that the module's examples plan."""
    if not bench.module.examples:
        return _plan_run(None, "failed", 0, "there are no example policies to prove anything about")
    made = example_plans(bench)
    if made.skipped:
        return _plan_run(made.engine, "skipped", 0, made.skipped)
    started, before, known = time.monotonic(), len(proof.findings), len(proof.claims)
    proof.findings += [f"{example}: {why}" for example, why in made.failures.items()]
    policies = 0
    for example, plan in made.plans.items():
        for planned in planned_policies(plan):
            policies += 1
            _prove_planned(example, planned, proof)
    proved = sum(claim.verdict == "proved" for claim in proof.claims[known:])
    claims = len(proof.claims) - known
    evidence = f"{proved} of {claims} claims proved about the {policies} policies that the module's examples plan"
    verdict: GateVerdict = "failed" if len(proof.findings) > before else "passed"
    return _plan_run(made.engine, verdict, made.seconds + time.monotonic() - started, evidence)


def _prove_planned(example: str, planned: PlannedPolicy, proof: _Proof) -> None:
    label = f"{example}: {planned.address}"
    if planned.policy is None:
        proof.findings.append(f"{label}: the policy is not known when it is planned, so nothing can be proved about it")
        return
    try:
        parsed = parse_policy(planned.policy, file=label)
    except InputError as error:
        proof.findings.append(f"{label}: {error.message}")
        return
    examination = examine_policy(parsed, account=DEFAULT_ACCOUNT)
    proof.add(label, examination, explain(parsed.document, account=DEFAULT_ACCOUNT))


def _plan_run(engine: Engine | None, verdict: GateVerdict, seconds: float, evidence: str) -> ToolRun:
    return ToolRun(
        tool=engine_name(engine) if engine else OURS,
        version=engine.version if engine else our_version(),
        command=engine_command(engine, "plan", "-out=plan") if engine else "",
        verdict=verdict,
        seconds=seconds,
        evidence=evidence,
    )
