"""Takes a scheduled deletion back: cancels it, enables the key where the file wants that, puts its names back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from keywright._internal.aws import Cloud, InvalidState, NotFound, Quota
from keywright._internal.lifecycle.apply import carry_out
from keywright._internal.lifecycle.deletion import choose
from keywright._internal.lifecycle.key_reading import read_key
from keywright._internal.lifecycle.key_state import PENDING, KeyState, LiveKey
from keywright._internal.lifecycle.observation import Observation
from keywright._internal.lifecycle.outlook import Outlook
from keywright._internal.lifecycle.parallel import CHANGING_WORKERS, on_each
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
    key_id: str | None = None,
) -> tuple[KeyOutcome, ...]:
    """Undo `destroy`; other differences from the file are `apply`'s matter. Never makes a key.

    Args:
        cloud: AWS.
        targets: the keys.
        observation: what is on AWS.
        report: told of what is done.
        waits: how to wait, and how to be stopped.
        key_id: of several keys of one identity, the one that is meant; nothing else is restored.

    Raises:
        UnknownName: no key has the key ID.
    """
    wanted, waits = tuple(targets), waits or Waits()
    if key_id is not None:
        observation = replace(observation, states=choose(observation.states, key_id=key_id))
        wanted = tuple(item for item in wanted if item.name in observation.states)
    outlook = Outlook(cloud, {item.name: _calls(item, observation.states.get(item.name)) for item in wanted})
    report.begin("restoring", len(wanted), outlook.seconds)

    def work(target: Target) -> KeyOutcome:
        applied: list[str] = []
        try:
            if target.name in observation.failures:
                return KeyOutcome(target.name, (), observation.failures[target.name])
            _restore_one(cloud, target, observation.states[target.name], report, waits, applied)
        except Interrupted as error:
            return KeyOutcome(target.name, tuple(applied), error)
        except KeywrightError as error:
            report.fail(target.name, error)
            return KeyOutcome(target.name, tuple(applied), error)
        finally:
            outlook.through(target.name)
            report.advance()
        return KeyOutcome(target.name, tuple(applied))

    return tuple(on_each(wanted, work, waits, workers=CHANGING_WORKERS))


def _calls(target: Target, state: KeyState | None) -> Counter[Quota]:
    """The calls that restore a key, as far as they can be told before, by the quota that they draw on."""
    calls: Counter[Quota] = Counter()
    for key in _pending(state) if state is not None else ():
        operations = ("CancelKeyDeletion", *(("EnableKey",) if target.key.is_enabled else ()))
        calls.update(Quota(target.location.account, key.metadata.region, operation) for operation in operations)
    if state is not None and state.pending:
        calls[Quota(target.location.account, target.location.region, "CreateAlias")] = len(target.key.aliases)
    return calls


def _pending(state: KeyState) -> tuple[LiveKey, ...]:
    """The keys and replicas whose deletion is scheduled."""
    return (*state.pending, *(item for _, item in sorted(state.replicas.items()) if item.pending_deletion))


def _restore_one(
    cloud: Cloud,
    target: Target,
    state: KeyState,
    report: Report,
    waits: Waits,
    applied: list[str],
) -> None:
    _refuse_unless_one(target, state)
    members = [key for key in _pending(state) if not state.live or key not in state.pending]
    for key in members:
        waits.check()
        _cancel(cloud, target, key, waits)
        applied.append(f"cancelled the deletion of {key.metadata.arn}")
        report.say(target.name, applied[-1])

    def look() -> KeyState | None:
        """The same once AWS shows that none of them is pending deletion any more."""
        again: dict[str, LiveKey] = {}
        for key in members:
            arn = key.metadata.arn
            try:
                seen = read_key(target.service(cloud, key.metadata.region), target, arn, None)
            except NotFound:
                return None
            if seen is None or seen.pending_deletion:
                return None
            again[arn] = seen
        return replace(
            state,
            keys=tuple(again.get(key.metadata.arn, key) for key in state.keys),
            replicas={region: again.get(key.metadata.arn, key) for region, key in state.replicas.items()},
        )

    what = f"AWS to show that the deletion of `{target.name}` is cancelled"
    now = (waits.until(look, what=what) if members else state) or state
    steps = tuple(step for step in plan(target, now) if _undoes(step) or step.action == "refuse")
    carry_out(cloud, target, now, steps, report, waits, applied)
    if applied:
        wait_consistent(cloud, target, now, steps, waits=waits, only=_undoes)


def _undoes(step: Step) -> bool:
    return step.action in _UNDOES_A_DELETION


def _refuse_unless_one(target: Target, state: KeyState) -> None:
    if state.live:
        return
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


def _cancel(cloud: Cloud, target: Target, key: LiveKey, waits: Waits) -> None:
    service = target.service(cloud, key.metadata.region)
    try:
        waits.visible(lambda: service.cancel_deletion(key.metadata.key_id))
    except InvalidState:
        if service.describe(key.metadata.key_id).state in PENDING:
            raise
