"""Takes a scheduled deletion back: cancels it, enables the key where the file wants that, puts its names back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from keywright._internal.aws import Cloud, InvalidState
from keywright._internal.lifecycle.apply import carry_out
from keywright._internal.lifecycle.deletion import choose
from keywright._internal.lifecycle.key_state import PENDING, KeyState, LiveKey
from keywright._internal.lifecycle.observation import Observation, observe
from keywright._internal.lifecycle.parallel import on_each
from keywright._internal.lifecycle.planning import plan
from keywright._internal.lifecycle.reporting import KeyOutcome, Report
from keywright._internal.lifecycle.steps import Step
from keywright._internal.lifecycle.target import Target
from keywright._internal.lifecycle.wait_consistent import wait_consistent
from keywright._internal.lifecycle.waiting import Interrupted, Waits
from keywright.errors import KeywrightError

_UNDOES_A_DELETION = frozenset({"enable", "alias"})


def restore(
    cloud: Cloud,
    targets: Iterable[Target],
    observation: Observation,
    report: Report,
    waits: Waits | None = None,
    *,
    all_targets: Iterable[Target] = (),
    key_id: str | None = None,
) -> tuple[KeyOutcome, ...]:
    """Undo `destroy`; other differences from the file are `apply`'s matter. Never makes a key.

    Args:
        cloud: AWS.
        targets: the keys.
        observation: what is on AWS.
        report: told of what is done.
        waits: how to wait, and how to be stopped.
        all_targets: all keys of the file.
        key_id: of several keys of one identity, the one that is meant; nothing else is restored.

    Raises:
        UnknownName: no key has the key ID.
    """
    wanted, waits = tuple(targets), waits or Waits()
    if key_id is not None:
        observation = replace(observation, states=choose(observation.states, key_id=key_id))
        wanted = tuple(item for item in wanted if item.name in observation.states)
    everything = tuple(all_targets) or wanted
    report.begin("restoring", len(wanted))

    def work(target: Target) -> KeyOutcome:
        applied: list[str] = []
        try:
            if target.name in observation.failures:
                return KeyOutcome(target.name, (), observation.failures[target.name])
            _restore_one(cloud, target, observation.states[target.name], report, waits, applied, everything, key_id)
        except Interrupted as error:
            return KeyOutcome(target.name, tuple(applied), error)
        except KeywrightError as error:
            report.say(target.name, f"failed: {error}")
            return KeyOutcome(target.name, tuple(applied), error)
        finally:
            report.advance()
        return KeyOutcome(target.name, tuple(applied))

    return tuple(on_each(wanted, work, waits))


def _restore_one(
    cloud: Cloud,
    target: Target,
    state: KeyState,
    report: Report,
    waits: Waits,
    applied: list[str],
    everything: tuple[Target, ...],
    key_id: str | None,
) -> None:
    pending = _the_one_to_restore(target, state)
    members = [*pending, *(item for _, item in sorted(state.replicas.items()) if item.pending_deletion)]
    for key in members:
        waits.check()
        _cancel(cloud, target, key, waits)
        applied.append(f"cancelled the deletion of {key.metadata.arn}")
        report.say(target.name, applied[-1])

    def look() -> KeyState | None:
        seen = observe(cloud, (target,), fresh_tags=True, all_targets=everything).states.get(target.name)
        seen = seen.only(key_id.rpartition("/")[2]) if seen and key_id else seen
        still = seen is None or not seen.live or any(item.pending_deletion for item in seen.replicas.values())
        return None if still else seen

    what = f"AWS to show that the deletion of `{target.name}` is cancelled"
    now = (waits.until(look, what=what) if members else state) or state
    steps = tuple(step for step in plan(target, now) if _undoes(step) or step.action == "refuse")
    carry_out(cloud, target, now, steps, report, waits, applied)
    if applied:
        wait_consistent(cloud, target, now, steps, waits=waits, only=_undoes)


def _undoes(step: Step) -> bool:
    return step.action in _UNDOES_A_DELETION


def _the_one_to_restore(target: Target, state: KeyState) -> tuple[LiveKey, ...]:
    if state.live:
        return ()
    if not state.pending:
        raise KeywrightError(
            f"there is no key to restore: none on AWS has the identity of `{target.name}`",
            "it was never made, or its waiting period is over and it is gone; `keywright apply` makes a new one",
        )
    if len(state.pending) > 1:
        which = ", ".join(item.metadata.arn for item in state.pending)
        raise KeywrightError(
            f"several keys of `{target.name}` are pending deletion: {which}",
            "pass --key-id with the one you want",
        )
    return state.pending


def _cancel(cloud: Cloud, target: Target, key: LiveKey, waits: Waits) -> None:
    service = target.service(cloud, key.metadata.region)
    try:
        waits.visible(lambda: service.cancel_deletion(key.metadata.key_id))
    except InvalidState:
        if service.describe(key.metadata.key_id).state in PENDING:
            raise
