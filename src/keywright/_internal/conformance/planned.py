"""The key policies that a root module plans, whole and by resource, on the embedded AWS."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keywright._internal.conformance.diagnostics import plain
from keywright._internal.terraform.engine import Engine
from keywright.errors import KeywrightError

_WITH_POLICY = ("aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key", "aws_kms_key_policy")


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
    found: dict[str | tuple[str], PlannedPolicy] = {}
    for resource in _resources(json.loads(shown.stdout)["planned_values"]["root_module"]):
        if resource["type"] in _WITH_POLICY:
            policy = resource["values"].get("policy")
            found.setdefault(policy or (resource["address"],), PlannedPolicy(resource["address"], policy))
    return tuple(found.values())


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    order = {kind: number for number, kind in enumerate(_WITH_POLICY)}
    yield from sorted(module.get("resources", ()), key=lambda item: order.get(item["type"], len(order)))
    for child in module.get("child_modules", ()):
        yield from _resources(child)
