"""`live-test`: apply, verify, an empty second plan, change, verify, destroy, verify destroyed; on each engine.

On the embedded AWS by default, on real AWS where the user chose it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from keywright._internal.conformance.diagnostics import plain
from keywright._internal.conformance.gate_result import GateOutcome, gate_of, not_run
from keywright._internal.conformance.live_callers import who_gets_in
from keywright._internal.conformance.live_expectations import after_destroy, while_alive
from keywright._internal.conformance.live_root import Wanted, changed, first, write_root
from keywright._internal.conformance.live_view import LiveView, look
from keywright._internal.conformance.provider import NoProvider, Provider
from keywright._internal.conformance.results import ExpectedException, Tool, ToolRun
from keywright._internal.conformance.tool_names import engine_command, engine_name
from keywright._internal.conformance.workspace import NO_ENGINE, Bench
from keywright._internal.counting import counted
from keywright._internal.terraform.engine import Engine
from keywright.errors import KeywrightError

_COMMANDS = (("init",), ("apply", "-auto-approve"), ("plan", "-detailed-exitcode"), ("destroy", "-auto-approve"))
_PATIENCE = 900.0
_STEPS = (
    "applied, verified and used, no changes in a second plan, updated in place, verified, destroyed, deletion verified"
)

_DELAYED = ExpectedException(
    gate="live-test",
    statement="KMS deletes a key only after a waiting period of 7 to 30 days. What is checked after `destroy` is that"
    " the deletion is scheduled, with its date or behind its replica's, and that no alias is left.",
)


class _Broken(Exception):
    """A step of the test did not go as it must; the message says which and why."""


@dataclass(slots=True)
class _Run:
    """One engine's test: its folder, its settings, and the seconds its commands took."""

    engine: Engine
    root: Path
    module: Path
    environment: Mapping[str, str]
    seconds: float = field(default=0.0)

    def __call__(self, *arguments: str, expected: int = 0) -> str:
        done = self.engine.run(*arguments, cwd=self.root, env=self.environment, timeout=_PATIENCE)
        self.seconds += done.seconds
        if done.exit_code != expected:
            raise _Broken(f"`{' '.join(arguments[:1])}`: {plain(done.output, self.root)}")
        return done.stdout


def check(bench: Bench) -> GateOutcome:
    """Test on each engine in turn; on real AWS, on the first one alone."""
    if not bench.engines:
        return not_run("live-test", "Terraform or OpenTofu", NO_ENGINE)
    runs: list[ToolRun] = []
    findings: list[str] = []
    tools: list[Tool] = []
    for engine in bench.engines if bench.live == "sandbox" else bench.engines[:1]:
        provider = bench.providers.of(engine)
        run, found = _tested(bench, engine, provider)
        runs.append(run)
        findings += found
        if isinstance(provider, Provider):
            tools.append(Tool(name="AWS provider", version=f"{provider.version}, {provider.origin}"))
    where = "the embedded AWS" if bench.live == "sandbox" else "real AWS"
    if bench.live == "sandbox":
        tools.append(Tool(name="embedded AWS (ministack)", version=version("ministack")))
    ran = sum(run.verdict == "passed" for run in runs)
    gate = gate_of("live-test", runs, evidence=f"on {where}, by {counted(ran, 'engine')}: {_STEPS}", findings=findings)
    return GateOutcome(
        gate, exceptions=() if gate.verdict == "skipped" else (_DELAYED,), tools=tuple(dict.fromkeys(tools))
    )


def _tested(bench: Bench, engine: Engine, provider: Provider | NoProvider) -> tuple[ToolRun, list[str]]:
    command = " && ".join(engine_command(engine, *arguments) for arguments in _COMMANDS)
    if isinstance(provider, NoProvider):
        run, wrong = None, None
    else:
        module = bench.copy(f"live-test {engine}")
        aws = bench.sandbox().environment() if bench.live == "sandbox" else {}
        run = _Run(engine, module.parent / "root", module, {**provider.environment, **aws})
        wrong = _story(run, authorizes=bench.live == "sandbox")
    return (
        ToolRun(
            tool=engine_name(engine),
            version=engine.version,
            command=command,
            verdict="skipped" if run is None else "failed" if wrong else "passed",
            seconds=run.seconds if run else 0,
            evidence=provider.reason if isinstance(provider, NoProvider) else wrong or _STEPS,
        ),
        [wrong] if wrong else [],
    )


def _story(run: _Run, *, authorizes: bool) -> str | None:
    """What went wrong, or None; where AWS is the embedded one, roles are made there to try what they may do."""
    name = f"keywright-live-{secrets.token_hex(4)}"
    try:
        with _destroyed_at_last(run):
            before = _applied(run, first(name))
            if authorizes:
                _must_hold("as other roles", who_gets_in(before.key.arn, run.environment))
            after = _applied(run, changed(name))
            same = (before.key.arn, before.replica.arn) == (after.key.arn, after.replica.arn)
            _must_hold("after the change", [] if same else [f"{after.key.arn} took the place of {before.key.arn}"])
            run("destroy", "-auto-approve", "-no-color")
            _must_hold("after destroy", after_destroy(_looked(run, after.key.arn, after.replica.arn)))
    except (_Broken, KeywrightError) as error:
        return " ".join(str(error).split())
    return None


@contextmanager
def _destroyed_at_last(run: _Run) -> Iterator[None]:
    """Whatever goes wrong, nothing stays behind: on real AWS a forgotten key costs money."""
    try:
        yield
    except BaseException:
        if (run.root / "terraform.tfstate").is_file():
            run.engine.run("destroy", "-auto-approve", cwd=run.root, env=run.environment, timeout=_PATIENCE)
        raise


def _applied(run: _Run, wanted: Wanted) -> LiveView:
    """Apply, look, and see that a second plan is empty."""
    inputs = wanted.inputs()
    write_root(run.root, run.module, inputs)
    run("init", "-no-color")
    run("apply", "-auto-approve", "-no-color")
    outputs = {name: item["value"] for name, item in json.loads(run("output", "-json")).items()}
    view = _looked(run, outputs["key_arn"], next(iter(outputs["replica_key_arns"].values())))
    _must_hold("after apply", while_alive(view, inputs, outputs))
    run("plan", "-detailed-exitcode", "-no-color")
    return view


def _looked(run: _Run, key_arn: str, replica_arn: str) -> LiveView:
    return look(key_arn, replica_arn, run.environment)


def _must_hold(when: str, broken: list[str]) -> None:
    if broken:
        raise _Broken(f"{when}: {'; '.join(broken)}")
