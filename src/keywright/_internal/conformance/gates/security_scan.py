"""`security-scan`: Checkov on the module, and on the plans of its examples, where values are known.

What is suppressed is so in the code, with its reason, and counted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from keywright._internal.conformance.gate_result import GateOutcome, gate_of, not_run
from keywright._internal.conformance.planned import ExamplePlans, example_plans
from keywright._internal.conformance.programs import Program, find_program
from keywright._internal.conformance.results import GateVerdict, Tool, ToolRun
from keywright._internal.conformance.workspace import Bench
from keywright._internal.counting import counted

MISSING = "Checkov is not on this machine: `make tools` installs it, or `pipx install checkov`"

_ARGUMENTS = ("--output", "json", "--compact", "--skip-download")
_NO_REASON = "No comment provided"
_SETTINGS = (".checkov.yaml", ".checkov.yml")


def check(bench: Bench) -> GateOutcome:
    """Scan the code and the examples' plans with Checkov's own settings, whatever the module or the user brings."""
    program = find_program("checkov")
    if program is None:
        return not_run("security-scan", "Checkov", MISSING)
    root = bench.copy("checkov")
    elsewhere = root.parent / "home"
    elsewhere.mkdir()
    brought = [file.path for file in bench.module.tree.files if file.path.rpartition("/")[2] in _SETTINGS]
    for path in brought:
        (root / path).unlink()
    scans = [_Scan.of(program, root, elsewhere, "terraform")]
    runs = [scans[0].run(program, "code")]
    made = example_plans(bench) if bench.module.examples else None
    if made is not None and made.skipped:
        runs.append(_run(program, "plans", "skipped", 0, made.skipped))
    elif made is not None:
        scans.append(_Scan.of(program, _written(made, root.parent / "plans"), elsewhere, "terraform_plan"))
        scans[1].findings += [f"{example}: {why}" for example, why in made.failures.items()]
        runs.append(scans[1].run(program, "plans"))
    findings = [item for scan in scans for item in scan.findings]
    findings += [
        f"{path}: settings of Checkov hide findings; suppress each where it is, with its reason" for path in brought
    ]
    suppressed = list(dict.fromkeys(item for scan in scans for item in scan.suppressed))
    reasons = "; ".join(suppressed)
    passed = " and ".join(
        f"{scan.passed} in the {where}" for scan, where in zip(scans, ("code", "plans"), strict=False)
    )
    count = sum(scan.suppressions for scan in scans)
    seen = f"checks passed: {passed}; {counted(count, 'suppression')}{f' ({reasons})' if reasons else ''}"
    return GateOutcome(
        gate_of("security-scan", runs, evidence=seen, findings=findings, all_needed=True),
        tools=(Tool(name="Checkov", version=program.version),),
    )


@dataclass(slots=True)
class _Scan:
    """What Checkov said of one folder."""

    passed: int
    suppressions: int
    suppressed: list[str]
    findings: list[str]
    seconds: float

    @classmethod
    def of(cls, program: Program, folder: Path, home: Path, framework: str) -> _Scan:
        """Scan a folder of code, or of plans as JSON."""
        arguments = ("--directory", str(folder), "--framework", framework, *_ARGUMENTS)
        done = program.run(*arguments, cwd=home, env={"HOME": str(home)})
        report = _read(done.stdout)
        passed = int(report.get("summary", {}).get("passed", 0))
        results = report.get("results", {})
        suppressed = list(results.get("skipped_checks", ()))
        findings = [_failed(item) for item in results.get("failed_checks", ())]
        findings += [
            f"{str(path).removeprefix(str(folder)).lstrip('/')}: can't be parsed"
            for path in results.get("parsing_errors", ())
        ]
        findings += [
            f"{_place(item)}: {item['check_id']} is suppressed without a reason"
            for item in suppressed
            if _unexplained(item)
        ]
        if not findings and passed == 0:
            findings = [f"Checkov checked nothing: {' '.join(done.output.split())[:300]}"]
        reasons = [f"{item['check_id']}: {_reason(item)}" for item in suppressed]
        return cls(passed, len(suppressed), reasons, findings, done.seconds)

    def run(self, program: Program, what: Literal["code", "plans"]) -> ToolRun:
        """The scan as a run of the gate."""
        seen = f"{self.passed} checks passed, {counted(self.suppressions, 'suppression')}"
        evidence = counted(len(self.findings), "finding") if self.findings else seen
        return _run(program, what, "failed" if self.findings else "passed", self.seconds, evidence)


def _run(
    program: Program, what: Literal["code", "plans"], verdict: GateVerdict, seconds: float, evidence: str
) -> ToolRun:
    where = "--directory . --framework terraform" if what == "code" else "--file plan.json --framework terraform_plan"
    return ToolRun(
        tool=f"Checkov, on the {what}",
        version=program.version,
        command=f"checkov {where} {' '.join(_ARGUMENTS)}",
        verdict=verdict,
        seconds=seconds,
        evidence=evidence,
    )


def _written(made: ExamplePlans, folder: Path) -> Path:
    """The plans as files, under the names of their examples."""
    for example, plan in made.plans.items():
        path = folder / f"{example}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(plan, encoding="utf-8")
    return folder


def _read(text: str) -> dict[str, Any]:
    """Checkov's one report; where it found nothing to check, it prints the bare summary instead."""
    start = text.find("{")
    try:
        document = json.loads(text[start:]) if start >= 0 else {}
    except ValueError:
        return {}
    return document if "results" in document else {"summary": document}


def _place(item: dict[str, Any]) -> str:
    return f"{str(item['file_path']).lstrip('/')}:{item['file_line_range'][0]}"


def _failed(item: dict[str, Any]) -> str:
    return f"{_place(item)}: {item['check_name']} ({item['check_id']}, {item['resource']})"


def _reason(item: dict[str, Any]) -> str:
    return str(item.get("check_result", {}).get("suppress_comment") or "").strip()


def _unexplained(item: dict[str, Any]) -> bool:
    return _reason(item) in {"", _NO_REASON}
