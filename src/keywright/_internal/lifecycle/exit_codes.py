"""What a command on keys ends with, for one account and in each of many: 0 yes, 1 no, 2 trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from keywright._internal.lifecycle.claims import Proved
    from keywright._internal.lifecycle.drift import Drift
    from keywright._internal.lifecycle.session import StackState
    from keywright._internal.lifecycle.verification import Verified


def of_plan(state: StackState, claims: Mapping[str, Iterable[Proved]], *, detailed: bool) -> int:
    """2: a key couldn't be read. 1: a claim or a step is refused, or with `detailed` something would change."""
    if state.failures:
        return 2
    refuted = any(item.forbids for items in claims.values() for item in items)
    return int(bool(refuted or state.plan.counts["refused"] or (detailed and state.plan.changing)))


def of_verify(found: Sequence[Verified], *, require_use: bool) -> int:
    """2: a key couldn't be verified. 1: one differs, a claim is refuted, a use failed or, if required, was skipped."""
    from keywright._internal.lifecycle.key_probe import Result  # noqa: PLC0415 - a plan tries no key

    if any(item.error for item in found):
        return 2
    trials = [trial for item in found for trial in item.trials]
    unused = require_use and (not trials or any(trial.result is not Result.WORKED for trial in trials))
    return int(unused or not all(item.in_sync and not item.refuted for item in found))


def of_drift(found: Sequence[Drift]) -> int:
    """2: a key couldn't be read. 1: one has drifted, in a way that an earlier run didn't have."""
    if any(item.error for item in found):
        return 2
    return int(any(item.news == "new" for item in found))
