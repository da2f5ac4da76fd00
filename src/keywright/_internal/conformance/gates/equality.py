"""`equality`: the module and the Python generator give the same policies, outputs and verdicts on the same inputs."""

from __future__ import annotations

import time
from collections.abc import Sequence

from keywright._internal.conformance.comparison import Call, accepted, differences
from keywright._internal.conformance.equality_cases import bad_cases, good_cases
from keywright._internal.conformance.gate_result import GateOutcome, gate_of, not_run
from keywright._internal.conformance.provider import NoProvider
from keywright._internal.conformance.results import ToolRun
from keywright._internal.conformance.tool_names import engine_command, engine_name
from keywright._internal.conformance.workspace import NO_ENGINE, Bench
from keywright._internal.counting import counted
from keywright._internal.terraform.engine import Engine
from keywright.errors import KeywrightError


def check(bench: Bench) -> GateOutcome:
    """Compare on the newest Terraform and the newest OpenTofu."""
    if not bench.engines:
        return not_run("equality", "Terraform or OpenTofu", NO_ENGINE)
    runs: list[ToolRun] = []
    findings: list[str] = []
    for engine in _newest(bench.engines):
        run, found = _compared(bench, engine)
        runs.append(run)
        findings += found
    ran = [run for run in runs if run.verdict == "passed"]
    evidence = f"{ran[0].evidence if ran else ''}, by {counted(len(ran), 'engine')}"
    return GateOutcome(gate_of("equality", runs, evidence=evidence, findings=findings))


def _newest(engines: Sequence[Engine]) -> tuple[Engine, ...]:
    """One of each kind: both speak the same language, and a comparison takes its time."""
    newest: dict[str, Engine] = {}
    for engine in sorted(engines, key=lambda engine: engine.numbers):
        newest[engine.name] = engine
    return tuple(newest.values())


def _compared(bench: Bench, engine: Engine) -> tuple[ToolRun, list[str]]:
    started = time.monotonic()
    provider = bench.providers.of(engine)
    good, bad = good_cases(), bad_cases()
    findings: list[str] = []
    if not isinstance(provider, NoProvider):
        module = bench.copy(f"equality {engine}")
        environment = {**provider.environment, **bench.sandbox().environment()}
        try:
            findings += differences(Call(engine, module, module.parent / "good", environment), good)
            findings += accepted(Call(engine, module, module.parent / "bad", environment), bad)
        except KeywrightError as error:
            findings.append(error.message)
    same = f"the same policies and outputs on {len(good)} inputs, and {len(bad)} bad inputs refused by both"
    return (
        ToolRun(
            tool=engine_name(engine),
            version=engine.version,
            command=engine_command(engine, "plan", "-json", "-out=plan"),
            verdict="skipped" if isinstance(provider, NoProvider) else "failed" if findings else "passed",
            seconds=time.monotonic() - started,
            evidence=provider.reason
            if isinstance(provider, NoProvider)
            else counted(len(findings), "difference")
            if findings
            else same,
        ),
        findings,
    )
