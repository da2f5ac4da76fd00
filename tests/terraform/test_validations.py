"""Every validation of the module's variables fires, on inputs that break one rule each, and Python says the same."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from engine_runs import MODULE

from keywright._internal.conformance.equality_cases import accepted_by_python, wrong_values
from keywright._internal.terraform.engine import Engine


def _literal(value: Any) -> Any:
    """A value as JSON syntax of HCL, in which strings are templates."""
    return json.loads(json.dumps(value).replace("${", "$${").replace("%{", "%%{"))


def test_every_validation_fires_and_python_refuses_the_same(tmp_path: Path, terraform: Engine) -> None:
    (tmp_path / "variables").mkdir()
    shutil.copy(MODULE / "variables.tf", tmp_path / "variables")
    calls: dict[str, dict[str, Any]] = {}
    for name, value in wrong_values():
        call = next((item for item, inputs in calls.items() if name not in inputs), f"call_{len(calls)}")
        calls.setdefault(call, {"source": "./variables"})[name] = _literal(value)
    (tmp_path / "main.tf.json").write_text(json.dumps({"module": calls}))
    terraform.run("init", cwd=tmp_path)
    shown = json.loads(terraform.run("validate", "-json", cwd=tmp_path).stdout)
    fired = {int(line) for item in shown["diagnostics"] for line in re.findall(r"variables\.tf:(\d+)", item["detail"])}
    lines = (MODULE / "variables.tf").read_text().splitlines()
    silent = [number for number, line in enumerate(lines, 1) if line == "  validation {" and number not in fired]
    assert not silent, [lines[number + 1] for number in silent]
    assert [case for case in wrong_values() if accepted_by_python({case[0]: case[1]})] == []
