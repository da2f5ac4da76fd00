"""`security-scan`: Checkov on the module and its examples; what is suppressed is so in the code, with its reason."""

from __future__ import annotations

import json
from typing import Any

from keywright._internal.conformance.gate_result import GateOutcome, gate_of, not_run
from keywright._internal.conformance.programs import find_program
from keywright._internal.conformance.results import Tool, ToolRun
from keywright._internal.conformance.workspace import Bench
from keywright._internal.counting import counted

MISSING = "Checkov is not on this machine: `make tools` installs it, or `pipx install checkov`"

_ARGUMENTS = ("--framework", "terraform", "--output", "json", "--compact", "--skip-download")
_NO_REASON = "No comment provided"
_SETTINGS = (".checkov.yaml", ".checkov.yml")


def check(bench: Bench) -> GateOutcome:
    """Scan the module with Checkov's own settings, whatever settings the module or the user brings."""
    program = find_program("checkov")
    if program is None:
        return not_run("security-scan", "Checkov", MISSING)
    root = bench.copy("checkov")
    brought = [file.path for file in bench.module.tree.files if file.path.rpartition("/")[2] in _SETTINGS]
    for path in brought:
        (root / path).unlink()
    elsewhere = root.parent / "home"
    elsewhere.mkdir()
    done = program.run("--directory", str(root), *_ARGUMENTS, cwd=elsewhere, env={"HOME": str(elsewhere)})
    report = _read(done.stdout)
    passed = int(report.get("summary", {}).get("passed", 0))
    results = report.get("results", {})
    suppressed = list(results.get("skipped_checks", ()))
    findings = [_failed(item) for item in results.get("failed_checks", ())]
    findings += [
        f"{str(path).removeprefix(str(root)).lstrip('/')}: can't be parsed"
        for path in results.get("parsing_errors", ())
    ]
    findings += [
        f"{_place(item)}: {item['check_id']} is suppressed without a reason"
        for item in suppressed
        if _unexplained(item)
    ]
    findings += [
        f"{path}: settings of Checkov hide findings; suppress each where it is, with its reason" for path in brought
    ]
    if not findings and passed == 0:
        findings = [f"Checkov checked nothing: {' '.join(done.output.split())[:300]}"]
    reasons = "; ".join(dict.fromkeys(f"{item['check_id']}: {_reason(item)}" for item in suppressed))
    seen = f"{passed} checks passed, {len(suppressed)} suppressed in the code{f' ({reasons})' if reasons else ''}"
    run = ToolRun(
        tool="Checkov",
        version=program.version,
        command=f"checkov --directory . {' '.join(_ARGUMENTS)}",
        verdict="failed" if findings else "passed",
        seconds=done.seconds,
        evidence=counted(len(findings), "finding") if findings else seen,
    )
    return GateOutcome(
        gate_of("security-scan", [run], evidence=seen, findings=findings),
        tools=(Tool(name="Checkov", version=program.version),),
    )


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
