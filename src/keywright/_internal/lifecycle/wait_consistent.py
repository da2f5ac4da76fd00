"""After a change: AWS is read until it shows it, so that the next plan, wherever it runs, is empty."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from keywright._internal.aws import Cloud, NotFound
from keywright._internal.lifecycle.key_reading import observed_again
from keywright._internal.lifecycle.key_state import KeyState
from keywright._internal.lifecycle.planning import plan
from keywright._internal.lifecycle.steps import Step
from keywright._internal.lifecycle.target import Target
from keywright._internal.lifecycle.waiting import NeverMatches, NotVisibleYet, Waits

_STEADY_IN_SECONDS = 10.0
"""For how long AWS must show something unexpected before it counts as its answer."""


def wait_consistent(
    cloud: Cloud,
    target: Target,
    state: KeyState,
    steps: Iterable[Step],
    *,
    waits: Waits,
    only: Callable[[Step], bool] = lambda _: True,
) -> None:
    """Wait until AWS shows the target as it is declared.

    Args:
        cloud: AWS.
        target: the key.
        state: what was there before the change; of a new key, what CreateKey answered.
        steps: what was carried out.
        waits: how to wait.
        only: which differences are of interest.

    Raises:
        NotVisibleYet: if it still shows the state before the change.
        NeverMatches: if it shows another state, steadily.
        AccessDenied: at once, if the caller may not look.
    """
    expected = {_shape(step) for step in steps}
    if any(step.action == "create" for step in steps):
        expected.add(("tag", target.location.region))
    expected |= {("tag", step.region) for step in steps if step.action == "replicate"}
    left: tuple[Step, ...] = ()
    odd_since: float | None = None

    def look() -> bool | None:
        nonlocal left, odd_since
        try:
            left = tuple(step for step in _left(cloud, target, state) if only(step))
        except NotFound:
            return None
        if not left:
            return True
        if any(_shape(step) not in expected for step in left):
            odd_since = waits.clock() if odd_since is None else odd_since
            return False if waits.clock() - odd_since >= _STEADY_IN_SECONDS else None
        odd_since = None
        return None

    seen = waits.until(look, what=f"AWS to show the changes of `{target.name}`")
    if seen:
        return
    words = "; ".join(step.summary for step in left) or "the key isn't found"
    if seen is False:
        raise NeverMatches(
            f"AWS took the change of `{target.name}` and shows something else; it would still need: {words}",
            "somebody else may be changing this key; run `keywright plan` and look at what it shows",
        )
    raise NotVisibleYet(
        f"AWS took the change of `{target.name}` and doesn't show it after {waits.seconds:.0f} seconds: {words}",
        "run `keywright verify` in a few minutes",
    )


def _left(cloud: Cloud, target: Target, state: KeyState) -> tuple[Step, ...]:
    """What AWS doesn't show yet; aliases apart, which were looked at when they were made."""
    now = observed_again(cloud, target, state)
    if not now.live:
        raise NotFound("the key isn't visible yet")
    return tuple(step for step in plan(target, now) if step.action not in {"alias", "move-alias", "unalias"})


def _shape(step: Step) -> tuple[str, str]:
    return step.action, step.region
