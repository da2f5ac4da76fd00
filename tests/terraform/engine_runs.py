"""A root module in a folder of its own, run by one engine against the embedded AWS with the provider of this run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keywright._internal.terraform.engine import Engine, Result

MODULE = Path(__file__).resolve().parents[2] / "terraform" / "aws-kms"
EXAMPLES = tuple(sorted(path.name for path in (MODULE / "examples").iterdir() if path.is_dir()))


def copy_of_module(target: Path) -> Path:
    """The module as a user gets it: without what an engine may have left in our own checkout."""
    leftovers = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*")
    return Path(shutil.copytree(MODULE, target, ignore=leftovers))


@dataclass(frozen=True)
class Root:
    """A root module, initialised."""

    engine: Engine
    folder: Path
    env: Mapping[str, str]

    def run(self, *arguments: str) -> Result:
        return self.engine.run(*arguments, cwd=self.folder, env=self.env, timeout=300)

    def must(self, *arguments: str) -> Result:
        result = self.run(*arguments)
        assert result.exit_code == 0, f"{self.engine}: {' '.join(arguments)}\n{result.output}"
        return result

    def plan(self, *arguments: str) -> dict[str, Any]:
        """A plan as JSON; `apply` then does it."""
        self.must("plan", "-no-color", "-out=plan.bin", *arguments)
        document: dict[str, Any] = json.loads(self.must("show", "-json", "plan.bin").stdout)
        return document

    def apply(self) -> None:
        """Do what a plan says: what `changes` has just planned, or a plan of its own."""
        saved = self.folder / "plan.bin"
        self.must("apply", "-no-color", "-auto-approve", *([saved.name] if saved.exists() else []))
        saved.unlink(missing_ok=True)

    def changes(self) -> dict[str, str]:
        """What a plan would do, by address; what stays as it is is left out. `apply` then does it."""
        shown = self.must("plan", "-json", "-out=plan.bin").stdout
        events = [json.loads(line) for line in shown.splitlines() if line.startswith("{")]
        return {
            event["change"]["resource"]["addr"]: event["change"]["action"]
            for event in events
            if event["type"] == "planned_change" and event["change"]["action"] != "no-op"
        }

    def plans_nothing(self) -> bool:
        """Whether a plan has nothing to do, in resources and in outputs."""
        result = self.run("plan", "-no-color", "-detailed-exitcode")
        assert result.exit_code in (0, 2), result.output
        return result.exit_code == 0

    def outputs(self) -> dict[str, Any]:
        shown = json.loads(self.must("output", "-json").stdout)
        return {name: item["value"] for name, item in shown.items()}

    def destroy(self) -> None:
        """Destroy what the state knows; nobody else has changed it, so it is not read again."""
        self.must("destroy", "-no-color", "-auto-approve", "-refresh=false")
