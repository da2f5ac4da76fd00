"""After a change: AWS is read until it shows it, so that the next plan, wherever it runs, is empty."""

from __future__ import annotations

from collections.abc import Callable

from keywright._internal.aws import Cloud, NotFound
from keywright._internal.lifecycle.key_state import KeyState
from keywright._internal.lifecycle.observation import observed_again
from keywright._internal.lifecycle.planning import Step, plan
from keywright._internal.lifecycle.target import Target
from keywright._internal.lifecycle.waiting import NeverMatches, NotVisibleYet, Waits

_STEADY_IN_SECONDS = 10.0
"""For how long AWS must show something unexpected before it counts as its answer."""


def confirm(
    cloud: Cloud,
    target: Target,
    before: KeyState,
    *,
    created: bool = False,
    waits: Waits,
    only: Callable[[Step], bool] = lambda _: True,
) -> None:
    """Wait until AWS shows the target as it is declared.

    Args:
        cloud: AWS.
        target: the key.
        before: what was there before the change.
        created: whether the key has just been made: its policy and description came with it.
        waits: how to wait.
        only: the steps that were to be carried out.

    Raises:
        NotVisibleYet: if it still shows the state before the change.
        NeverMatches: if it shows another state, steadily.
        AccessDenied: at once, if the caller may not look.
    """
    expected = {_shape(step) for step in plan(target, before)}
    if created:
        expected -= {("policy", target.location.region), ("describe", target.location.region)}
        expected |= {("tag", target.location.region)}
    expected |= {(verb, region) for region in target.key.replica_regions for verb in ("replicate", "tag", "disable")}
    left: tuple[Step, ...] = ()
    odd_since: float | None = None

    def look() -> bool | None:
        nonlocal left, odd_since
        try:
            left = tuple(step for step in _left(cloud, target, before) if only(step))
        except NotFound:
            return None
        if not left:
            return True
        if any(_shape(step) not in expected for step in left):
            odd_since = waits.clock() if odd_since is None else odd_since
            return False if waits.clock() - odd_since >= _STEADY_IN_SECONDS else None
        odd_since = None
        return None

    seen = waits.until(look)
    if seen:
        return
    words = "; ".join(step.words for step in left) or "the key isn't found"
    if seen is False:
        raise NeverMatches(
            f"AWS took the change of `{target.name}` and shows something else; it would still need: {words}",
            "somebody else may be changing this key; run `keywright plan` and look at what it shows",
        )
    raise NotVisibleYet(
        f"AWS took the change of `{target.name}` and doesn't show it after {waits.seconds:.0f} seconds: {words}",
        "run `keywright verify` in a few minutes",
    )


def _left(cloud: Cloud, target: Target, before: KeyState) -> tuple[Step, ...]:
    """What AWS doesn't show yet; names apart, which were looked at when they were given."""
    observed = observed_again(cloud, target, before)
    if not observed.live:
        raise NotFound("the key isn't visible yet")
    steps = plan(target, observed)
    return tuple(step for step in steps if step.verb not in {"alias", "move-alias", "unalias"})


def _shape(step: Step) -> tuple[str, str]:
    return step.verb, step.region
