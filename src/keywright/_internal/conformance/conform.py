"""A whole run: every gate on one module, side by side where they can be, and the verification that comes of it."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

from keywright._internal.conformance.checksums import sha256
from keywright._internal.conformance.gate_result import GateOutcome, not_run
from keywright._internal.conformance.gates import (
    checksums,
    claims,
    equality,
    fmt,
    live_test,
    plan_tests,
    security_scan,
    signature,
    tflint,
    validate,
)
from keywright._internal.conformance.results import (
    GATE_NAMES,
    Gate,
    GateName,
    Subject,
    Tool,
    Verification,
    overall_verdict,
)
from keywright._internal.conformance.tool_names import engine_name
from keywright._internal.conformance.workspace import Bench
from keywright.errors import KeywrightError, UnknownName

Check = Callable[[Bench], GateOutcome]
Report = Callable[[Gate], None]

CHECKS: dict[GateName, Check] = {
    "live-test": live_test.check,
    "security-scan": security_scan.check,
    "equality": equality.check,
    "plan-tests": plan_tests.check,
    "claims": claims.check,
    "validate": validate.check,
    "tflint": tflint.check,
    "fmt": fmt.check,
    "checksums": checksums.check,
}
"""All gates but `signature`, which signs what these found; the long ones begin first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What whoever runs the gates chose.

    Args:
        only: the gates to run; all, where none is named.
        allowed_skipped: gates whose gap doesn't keep the verdict from being a pass.
    """

    only: frozenset[GateName] = frozenset()
    allowed_skipped: frozenset[GateName] = frozenset()

    def wants(self, name: GateName) -> bool:
        """Whether the gate is to run."""
        return not self.only or name in self.only


def conform(bench: Bench, choice: Choice, report: Report = lambda _: None) -> Verification:
    """Run the gates.

    Args:
        bench: the working place, with the module.
        choice: which gates, and which gaps are allowed.
        report: told of each gate as soon as it is done, in no particular order.
    """
    started = _now()
    with ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        running = {name: pool.submit(_run, name, check, bench, choice, report) for name, check in CHECKS.items()}
        done = {name: future.result() for name, future in running.items()}
    found = [done[name] for name in GATE_NAMES if name in done]
    provisional = _verification(bench, found, choice, started)
    last = _run("signature", lambda bench: signature.check(bench, provisional), bench, choice, report)
    return _verification(bench, [*found, last], choice, started)


def _run(name: GateName, check: Check, bench: Bench, choice: Choice, report: Report) -> GateOutcome:
    """One gate, timed; trouble inside it is its failure and not the end of the others."""
    begun = time.monotonic()
    if not choice.wants(name):
        outcome = not_run(name, "", "left out by choice (`--only`)")
    else:
        try:
            outcome = check(bench)
        except KeywrightError as error:
            gate = Gate(name=name, verdict="failed", tool="Keywright", seconds=0, evidence=str(error))
            outcome = GateOutcome(gate)
    seconds = round(time.monotonic() - begun, 3) if outcome.gate.verdict != "skipped" else 0.0
    runs = tuple(run.model_copy(update={"seconds": round(run.seconds, 3)}) for run in outcome.gate.runs)
    timed = outcome.gate.model_copy(update={"seconds": seconds, "runs": runs})
    report(timed)
    return GateOutcome(timed, outcome.claims, outcome.access, outcome.exceptions, outcome.tools)


def _verification(bench: Bench, found: Sequence[GateOutcome], choice: Choice, started: str) -> Verification:
    gates = tuple(outcome.gate for outcome in found)
    module = bench.module
    allowed = tuple(name for name in GATE_NAMES if name in choice.allowed_skipped)
    return Verification(
        verdict=overall_verdict(gates, allowed),
        gates=gates,
        allowed_skipped=allowed,
        subject=Subject(
            module=module.name,
            archive_sha256=sha256(module.archive),
            files=len(module.tree.files),
            commit=module.tree.commit,
        ),
        started=started,
        finished=_now(),
        tools=_tools(bench, found),
        claims=tuple(claim for outcome in found for claim in outcome.claims),
        access=tuple(table for outcome in found for table in outcome.access),
        exceptions=tuple(item for outcome in found for item in outcome.exceptions),
    )


def _tools(bench: Bench, found: Iterable[GateOutcome]) -> tuple[Tool, ...]:
    ours = [
        Tool(name="keywright", version=version("keywright")),
        Tool(name="Python", version=platform.python_version()),
    ]
    engines = [Tool(name=engine_name(engine), version=engine.version) for engine in bench.engines]
    return tuple(dict.fromkeys([*ours, *engines, *(tool for outcome in found for tool in outcome.tools)]))


def gate_names(given: Collection[str]) -> frozenset[GateName]:
    """The gates that a person named.

    Raises:
        UnknownName: there is no such gate.
    """
    for name in given:
        if name not in GATE_NAMES:
            raise UnknownName(f"there is no gate `{name}`", f"the gates are {', '.join(GATE_NAMES)}")
    return frozenset(name for name in GATE_NAMES if name in given)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
