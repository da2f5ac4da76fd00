"""`plan-tests`: the module's own tests, on a mocked provider: validation rules, defaults, statements and outputs."""

from __future__ import annotations

from keywright._internal.conformance import diagnostics
from keywright._internal.conformance.gate_result import GateOutcome, gate_of, not_run
from keywright._internal.conformance.provider import NoProvider
from keywright._internal.conformance.results import GateVerdict, ToolRun
from keywright._internal.conformance.tool_names import engine_command, engine_name
from keywright._internal.conformance.workspace import NO_ENGINE, NOBODY, Bench
from keywright._internal.counting import counted
from keywright._internal.terraform.engine import Engine

_ARGUMENTS = ("test", "-json")


def check(bench: Bench) -> GateOutcome:
    """Run them on each engine that can mock a provider."""
    if not bench.engines:
        return not_run("plan-tests", "Terraform or OpenTofu", NO_ENGINE)
    runs: list[ToolRun] = []
    findings: list[str] = []
    for engine in bench.engines:
        run, found = _tested(bench, engine)
        runs.append(run)
        findings += found
    ran = [run for run in runs if run.verdict == "passed"]
    evidence = f"{ran[0].evidence if ran else ''}, by {counted(len(ran), 'engine')}"
    return GateOutcome(gate_of("plan-tests", runs, evidence=evidence, findings=findings))


def _tested(bench: Bench, engine: Engine) -> tuple[ToolRun, list[str]]:
    seconds, findings = 0.0, list[str]()
    verdict: GateVerdict
    provider = bench.providers.of(engine) if engine.mocks_providers else None
    if not bench.module.plan_tests:
        verdict, evidence = "failed", "the module has no plan tests (`tests/*.tftest.hcl`)"
        findings = [evidence]
    elif provider is None:
        verdict, evidence = (
            "skipped",
            f"{engine_name(engine)} {engine.version} is older than `mock_provider`, which the tests use",
        )
    elif isinstance(provider, NoProvider):
        verdict, evidence = "skipped", provider.reason
    else:
        root = bench.copy(f"plan-tests {engine}")
        environment = {**NOBODY, **provider.environment}
        init = engine.run("init", "-backend=false", "-no-color", cwd=root, env=environment)
        done = engine.run(*_ARGUMENTS, cwd=root, env=environment)
        seconds = init.seconds + done.seconds
        said = list(diagnostics.messages(done.stdout))
        summary: dict[str, int] = next((item["test_summary"] for item in said if "test_summary" in item), {})
        findings = [
            f"{item['test_run']['path']}: run `{item['test_run']['run']}` {item['test_run']['status']}"
            for item in said
            if item.get("type") == "test_run" and item["test_run"].get("status") in {"fail", "error"}
        ]
        findings += diagnostics.of_stream(done.stdout)
        passed = int(summary.get("passed", 0))
        if done.exit_code == 0 and passed > 0 and not findings:
            verdict, evidence = (
                "passed",
                f"{counted(passed, 'run')} in {counted(len(bench.module.plan_tests), 'file')} passed",
            )
        else:
            verdict = "failed"
            broken = int(summary.get("failed", 0)) + int(summary.get("errored", 0))
            findings = findings or [diagnostics.plain(init.output if init.exit_code else done.output, root)]
            evidence = f"{broken} of {broken + passed} runs did not pass" if broken else "the tests could not be run"
    return (
        ToolRun(
            tool=engine_name(engine),
            version=engine.version,
            command=engine_command(engine, *_ARGUMENTS),
            verdict=verdict,
            seconds=seconds,
            evidence=evidence,
        ),
        findings,
    )
