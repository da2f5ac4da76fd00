"""Observing while other runs may be making the same keys: a race that is still being settled is waited out."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from keywright._internal.aws import Cloud
from keywright._internal.lifecycle.key_state import KeyState, LiveKey
from keywright._internal.lifecycle.observation import Observation, observe
from keywright._internal.lifecycle.target import Target
from keywright._internal.lifecycle.waiting import Waits

_SETTLED_AFTER = timedelta(minutes=2)
"""Two live keys of which the younger is older than this are no race any more: a person has to decide."""
_MOMENT = timedelta(seconds=1.1)
_PAUSE = 1.0


def observe_settled(
    cloud: Cloud,
    targets: Iterable[Target],
    waits: Waits,
    *,
    all_targets: Collection[Target] | None = None,
    declared: Collection[str] | None = None,
) -> Observation:
    """As `observe`, again for keys that other runs are just making, until each has one live key."""
    wanted = tuple(targets)
    seen = observe(cloud, wanted, all_targets=all_targets, declared=declared)
    ends = waits.clock() + waits.seconds
    while True:
        racing = [item for item in wanted if item.name in seen.observed and _races(seen.observed[item.name])]
        if not racing or waits.clock() > ends:
            return seen
        waits.pause(_PAUSE)
        again = observe(cloud, racing, all_targets=all_targets or wanted)
        seen = replace(
            seen,
            observed={**seen.observed, **again.observed},
            failures={**seen.failures, **again.failures},
            listings={**seen.listings, **again.listings},
        )


def _races(observed: KeyState) -> bool:
    live = observed.live
    if len(live) > 1:
        return min(_age(item) for item in live) < _SETTLED_AFTER
    return len(live) == 1 and _may_lose(live[0])


def _may_lose(key: LiveKey) -> bool:
    """Whether a key is so new that another, made in the same moment, may still turn out to be the older one."""
    return timedelta(0) <= _age(key) < _MOMENT


def _age(key: LiveKey) -> timedelta:
    made = key.metadata.creation_date
    return timedelta.max if made is None else datetime.now(UTC) - made
