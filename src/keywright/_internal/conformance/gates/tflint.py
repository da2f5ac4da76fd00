"""`tflint`: every rule of the bundled Terraform set, and the AWS set where it is installed."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

from keywright._internal.conformance.gate_result import GateOutcome, gate_of, not_run
from keywright._internal.conformance.programs import find_program
from keywright._internal.conformance.results import Tool, ToolRun
from keywright._internal.conformance.workspace import Bench
from keywright._internal.counting import counted

MISSING = "tflint is not on this machine: `make tools` builds it where Go is, or see https://github.com/terraform-linters/tflint"

_AWS_RULES = "tflint-ruleset-aws"
_AWS_SOURCE = Path("github.com", "terraform-linters", _AWS_RULES)


def check(bench: Bench) -> GateOutcome:
    """Lint the module and everything below it with our own settings, whatever settings the module brings."""
    program = find_program("tflint")
    if program is None:
        return not_run("tflint", "tflint", MISSING)
    root = bench.copy("tflint")
    settings = root.parent / "tflint.hcl"
    aws = _installed_aws_rules()
    settings.write_text(strict_settings() + (aws or ""))
    done = program.run("--recursive", f"--config={settings}", "--format=json", cwd=root)
    document = _read(done.stdout)
    findings = [_issue(item) for item in document.get("issues", ())]
    findings += [str(item.get("message", item)) for item in document.get("errors", ())]
    if done.exit_code != 0 and not findings:
        findings = [" ".join(done.output.split())[:400]]
    told = program.run("--version", cwd=root).stdout
    rules = [line.removeprefix("+ ").strip() for line in told.splitlines() if line.startswith("+ ")]
    scope = "the bundled Terraform rules, all of them" + ("" if aws is None else ", and the AWS rules")
    run = ToolRun(
        tool="tflint",
        version=program.version,
        command="tflint --recursive --config=$PWD/.tflint.hcl --format=json",
        verdict="failed" if findings else "passed",
        seconds=done.seconds,
        evidence=counted(len(findings), "finding") if findings else f"no finding by {scope}",
    )
    without = "; the AWS rules are not installed here" if aws is None else ""
    return GateOutcome(
        gate_of("tflint", [run], evidence=f"{run.evidence} ({', '.join(rules)}){without}", findings=findings),
        tools=(Tool(name="tflint", version=program.version),),
    )


def strict_settings() -> str:
    """The settings that the module carries as its `.tflint.hcl`, too."""
    return files("keywright._internal.conformance").joinpath("tflint.hcl").read_text()


def _installed_aws_rules() -> str | None:
    """The settings that turn the AWS rules on, or None where they are not installed."""
    home = os.environ.get("TFLINT_PLUGIN_DIR")
    folder = Path(home) if home else Path.home() / ".tflint.d" / "plugins"
    if (folder / _AWS_RULES).is_file():
        return '\nplugin "aws" {\n  enabled = true\n}\n'
    versions = sorted(path.name for path in (folder / _AWS_SOURCE).glob("*") if (path / _AWS_RULES).is_file())
    if versions:
        found = f'version = "{versions[-1]}"\n  source  = "{_AWS_SOURCE.as_posix()}"'
        return f'\nplugin "aws" {{\n  enabled = true\n  {found}\n}}\n'
    return None


def _read(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _issue(item: dict[str, Any]) -> str:
    place = item["range"]
    return f"{place['filename']}:{place['start']['line']}: {item['message']} ({item['rule']['name']})"
