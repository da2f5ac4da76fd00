"""The key policies that a root module plans, whole and by resource, on the embedded AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from keywright._internal.conformance.diagnostics import plain
from keywright._internal.templates.terraform_plan import policies_of_plan
from keywright._internal.terraform.engine import Engine
from keywright.errors import KeywrightError


@dataclass(frozen=True, slots=True)
class PlannedPolicy:
    """One resource's policy; None where the plan doesn't know it yet."""

    address: str
    policy: str | None


def planned_policies(engine: Engine, root: Path, environment: Mapping[str, str]) -> tuple[PlannedPolicy, ...]:
    """The policies of a root module's plan, each text once, under the resource that comes first.

    Raises:
        KeywrightError: the engine can't plan it.
    """
    for arguments in (("init", "-no-color"), ("plan", "-no-color", "-out=plan")):
        done = engine.run(*arguments, cwd=root, env=environment, timeout=600)
        if done.exit_code != 0:
            raise KeywrightError(f"`{arguments[0]}` failed: {plain(done.output, root)}")
    shown = engine.run("show", "-json", "plan", cwd=root, env=environment, timeout=600)
    if shown.exit_code != 0:
        raise KeywrightError(f"`show` failed: {plain(shown.output, root)}")
    found: dict[str, PlannedPolicy] = {}
    for policy in policies_of_plan(shown.stdout, file="plan"):
        if not policy.assumptions:  # a key's own policy here is AWS's default one until its policy resource is made
            found.setdefault(policy.text or policy.name, PlannedPolicy(policy.name, policy.text))
    return tuple(found.values())
