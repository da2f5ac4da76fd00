"""What the commands on keys answer about one stack, as `--json` prints it; docs/documents.md has the schemas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from keywright._internal.lifecycle.claims import Proved
from keywright._internal.lifecycle.drift import Drift
from keywright._internal.lifecycle.impact import Impacts
from keywright._internal.lifecycle.key_probe import counts
from keywright._internal.lifecycle.outputs import outputs_of
from keywright._internal.lifecycle.session import StackState
from keywright._internal.lifecycle.verification import Verified
from keywright._internal.proof.findings.finding import Finding
from keywright.errors import KeywrightError


def plan_document(
    state: StackState,
    meaning: Impacts,
    claims: Mapping[str, Sequence[Proved]],
    findings: Mapping[str, Sequence[tuple[str, Finding]]],
) -> dict[str, Any]:
    """Of `plan`."""
    return {
        "stack": state.stack.name,
        "counts": state.plan.counts,
        "changes": {item.name: meaning.document(item.name, item.steps) for item in state.plan.changing},
        "claims": {name: [item.as_document() for item in items] for name, items in claims.items()},
        "findings": {
            name: [{"region": region, **item.as_document()} for region, item in items]
            for name, items in findings.items()
        },
        "no_longer_declared": _no_longer_declared(state),
        "notes": state.notes(),
        "errors": {name: str(error) for name, error in state.failures.items()},
    }


def verify_document(state: StackState, found: Iterable[Verified], meaning: Impacts) -> dict[str, Any]:
    """Of `verify`."""
    verified = tuple(found)
    return {
        "keys": {item.name: item.as_document(meaning) for item in verified},
        "uses": counts([trial for item in verified for trial in item.trials]),
        "no_longer_declared": _no_longer_declared(state),
        "notes": state.notes(),
    }


def drift_document(state: StackState, found: Iterable[Drift]) -> dict[str, Any]:
    """Of `drift`."""
    return {
        "stack": state.stack.name,
        "keys": {item.name: item.as_document() for item in found},
        "no_longer_declared": _no_longer_declared(state),
        "notes": state.notes(),
    }


def output_document(state: StackState) -> tuple[dict[str, Any], dict[str, KeywrightError]]:
    """Of `output`; and why some keys have none."""
    seen = state.observation.states
    keys: dict[str, Any] = {}
    failures = dict(state.failures)
    for item in state.targets:
        if item.name in seen:
            try:
                keys[item.name] = outputs_of(item, seen[item.name])
            except KeywrightError as error:
                failures[item.name] = error
    return {"keys": keys, "errors": {name: str(error) for name, error in failures.items()}}, failures


def _no_longer_declared(state: StackState) -> list[dict[str, Any]]:
    return [item.as_document() for item in state.observation.undeclared]
