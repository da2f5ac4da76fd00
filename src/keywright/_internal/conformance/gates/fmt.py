"""`fmt`: every file of the module is in the engines' canonical format."""

from __future__ import annotations

import re

from keywright._internal.conformance.diagnostics import plain
from keywright._internal.conformance.gate_result import GateOutcome, gate_of, not_run
from keywright._internal.conformance.results import ToolRun
from keywright._internal.conformance.tool_names import engine_command, engine_name
from keywright._internal.conformance.workspace import NO_ENGINE, Bench
from keywright._internal.counting import counted
from keywright._internal.terraform.engine import Engine

_ARGUMENTS = ("fmt", "-check", "-recursive", "-diff", "-no-color")
_DIFFERENCE = re.compile(r"^--- old/(.+)\n\+\+\+ .*\n@@ -(\d+)", re.MULTILINE)
_UNFORMATTED = 3


def check(bench: Bench) -> GateOutcome:
    """Ask each engine."""
    if not bench.engines:
        return not_run("fmt", "Terraform or OpenTofu", NO_ENGINE)
    runs: list[ToolRun] = []
    findings: list[str] = []
    for engine in bench.engines:
        run, found = _asked(bench, engine)
        runs.append(run)
        findings += found
    files = sum(file.path.endswith((".tf", ".tfvars", ".tftest.hcl")) for file in bench.module.tree.files)
    evidence = f"all {files} files are in canonical format, by {counted(len(runs), 'engine')}"
    return GateOutcome(gate_of("fmt", runs, evidence=evidence, findings=findings))


def _asked(bench: Bench, engine: Engine) -> tuple[ToolRun, list[str]]:
    folder = bench.copy(f"fmt {engine}")
    done = engine.run(*_ARGUMENTS, cwd=folder)
    found = [f"{file}:{line}: not in canonical format" for file, line in _DIFFERENCE.findall(done.stdout)]
    if done.exit_code == 0:
        verdict, evidence = "passed", "every file is in canonical format"
    elif done.exit_code == _UNFORMATTED and found:
        verdict, evidence = (
            "failed",
            f"{counted(len({item.partition(':')[0] for item in found}), 'file')} not in canonical format",
        )
    else:
        verdict, evidence = "failed", plain(done.stderr or done.stdout, folder)
    return (
        ToolRun(
            tool=engine_name(engine),
            version=engine.version,
            command=engine_command(engine, *_ARGUMENTS),
            verdict=verdict,
            seconds=done.seconds,
            evidence=evidence,
        ),
        found or ([evidence] if verdict == "failed" else []),
    )
