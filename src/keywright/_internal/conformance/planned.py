"""What the module's examples plan on the embedded AWS: the plans as JSON, and the key policies in them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from keywright._internal.conformance.diagnostics import plain
from keywright._internal.conformance.provider import NoProvider
from keywright._internal.conformance.workspace import NO_ENGINE, Bench
from keywright._internal.templates.terraform_plan import policies_of_plan
from keywright._internal.terraform.engine import Engine
from keywright.errors import KeywrightError


@dataclass(frozen=True, slots=True)
class PlannedPolicy:
    """One resource's policy; None where the plan doesn't know it yet."""

    address: str
    policy: str | None


@dataclass(frozen=True, slots=True)
class ExamplePlans:
    """What an engine plans for a module's examples.

    Args:
        engine: the one that planned; None where there is none.
        plans: the documents of `show -json`, by example.
        failures: why an example can't be planned, by example.
        skipped: why nothing could be planned at all; empty where something was tried.
        seconds: how long planning took.
    """

    engine: Engine | None
    plans: Mapping[str, str] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)
    skipped: str = ""
    seconds: float = 0.0


def example_plans(bench: Bench) -> ExamplePlans:
    """The plans of the module's examples, by the first engine that can have the provider; made once a run."""
    return bench.once("example plans", lambda: _example_plans(bench))


def _example_plans(bench: Bench) -> ExamplePlans:
    if not bench.engines:
        return ExamplePlans(None, skipped=NO_ENGINE)
    reasons: list[str] = []
    for engine in bench.engines:
        provider = bench.providers.of(engine)
        if isinstance(provider, NoProvider):
            reasons.append(provider.reason)
            continue
        started = time.monotonic()
        root = bench.copy(f"plans {engine}")
        environment = {**provider.environment, **bench.sandbox().environment()}
        plans: dict[str, str] = {}
        failures: dict[str, str] = {}
        for example in bench.module.examples:
            try:
                plans[example] = _plan(engine, root / example, environment)
            except KeywrightError as error:
                failures[example] = error.message
        return ExamplePlans(engine, plans, failures, seconds=time.monotonic() - started)
    return ExamplePlans(bench.engines[0], skipped=f"the module's examples can't be planned: {reasons[-1]}")


def _plan(engine: Engine, root: Path, environment: Mapping[str, str]) -> str:
    for arguments in (("init", "-no-color"), ("plan", "-no-color", "-out=plan")):
        done = engine.run(*arguments, cwd=root, env=environment, timeout=600)
        if done.exit_code != 0:
            raise KeywrightError(f"`{arguments[0]}` failed: {plain(done.output, root)}")
    shown = engine.run("show", "-json", "plan", cwd=root, env=environment, timeout=600)
    if shown.exit_code != 0:
        raise KeywrightError(f"`show` failed: {plain(shown.output, root)}")
    return shown.stdout


def planned_policies(plan: str) -> tuple[PlannedPolicy, ...]:
    """The policies of a root module's plan, each text once, under the resource that comes first."""
    found: dict[str, PlannedPolicy] = {}
    for policy in policies_of_plan(plan, file="plan"):
        if not policy.assumptions:  # a key's own policy here is AWS's default one until its policy resource is made
            found.setdefault(policy.text or policy.name, PlannedPolicy(policy.name, policy.text))
    return tuple(found.values())
