"""`validate`: the module and each of its examples are valid to each engine, with the provider's own schema."""

from __future__ import annotations

from keywright._internal.conformance import diagnostics
from keywright._internal.conformance.gate_result import GateOutcome, gate_of, not_run
from keywright._internal.conformance.provider import NoProvider, Provider
from keywright._internal.conformance.results import ToolRun
from keywright._internal.conformance.tool_names import engine_command, engine_name
from keywright._internal.conformance.workspace import NO_ENGINE, Bench
from keywright._internal.counting import counted
from keywright._internal.terraform.engine import Engine


def check(bench: Bench) -> GateOutcome:
    """Ask each engine."""
    if not bench.engines:
        return not_run("validate", "Terraform or OpenTofu", NO_ENGINE)
    runs: list[ToolRun] = []
    findings: list[str] = []
    for engine in bench.engines:
        run, found = _asked(bench, engine)
        runs.append(run)
        findings += found
    examples = len(bench.module.examples)
    evidence = f"the module and its {counted(examples, 'example')} are valid, by {counted(len(runs), 'engine')}"
    return GateOutcome(gate_of("validate", runs, evidence=evidence, findings=findings))


def _asked(bench: Bench, engine: Engine) -> tuple[ToolRun, list[str]]:
    provider = bench.providers.of(engine)
    arguments = ("validate", "-json")
    findings: list[str] = []
    seconds = 0.0
    if isinstance(provider, Provider):
        root = bench.copy(f"validate {engine}")
        if not engine.mocks_providers:  # too old to read the plan tests, as their own gate says
            for path in bench.module.plan_tests:
                (root / path).unlink()
        for folder in (".", *bench.module.examples):
            init = engine.run("init", "-backend=false", "-no-color", cwd=root / folder, env=provider.environment)
            done = engine.run(*arguments, cwd=root / folder, env=provider.environment)
            seconds += init.seconds + done.seconds
            found = diagnostics.of_document(done.stdout, folder) if done.stdout.startswith("{") else ()
            if not found and (init.exit_code or done.exit_code):
                found = (f"{folder}: {diagnostics.plain(init.output if init.exit_code else done.output, root)}",)
            findings += found
    failed = counted(len(findings), "error")
    return (
        ToolRun(
            tool=engine_name(engine),
            version=engine.version,
            command=engine_command(engine, "init", "-backend=false") + " && " + engine_command(engine, *arguments),
            verdict="skipped" if isinstance(provider, NoProvider) else "failed" if findings else "passed",
            seconds=seconds,
            evidence=provider.reason
            if isinstance(provider, NoProvider)
            else failed
            if findings
            else f"valid with {provider}",
        ),
        findings,
    )
