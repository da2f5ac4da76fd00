"""Carries out plans, key by key in parallel; every run looks at AWS first, so an interrupted one is simply repeated."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from keywright._internal.aws import Cloud, KeyMetadata, KeyService, RotationStatus
from keywright._internal.lifecycle.aliasing import give_name, move_name, take_name
from keywright._internal.lifecycle.creation import Creation, create_keys, replicate
from keywright._internal.lifecycle.creation_race import discard
from keywright._internal.lifecycle.key_state import AliasHolder, KeyState, LiveKey
from keywright._internal.lifecycle.observation import Observation
from keywright._internal.lifecycle.parallel import on_each
from keywright._internal.lifecycle.planning import Step, plan
from keywright._internal.lifecycle.policy_normalization import canonical_statements
from keywright._internal.lifecycle.reporting import Report
from keywright._internal.lifecycle.target import Place, Target
from keywright._internal.lifecycle.wait_consistent import confirm
from keywright._internal.lifecycle.waiting import Interrupted, Waits
from keywright._internal.lifecycle.writing import write_policy
from keywright.errors import KeywrightError

Wanted = Callable[[Step], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went for one key: the steps carried out, and the error that ended it, if any."""

    name: str
    done: tuple[str, ...] = ()
    error: KeywrightError | None = None


def apply(
    cloud: Cloud, targets: Iterable[Target], observation: Observation, report: Report, waits: Waits | None = None
) -> tuple[Outcome, ...]:
    """Make AWS match the targets. One key's failure does not stop the others.

    Args:
        cloud: AWS.
        targets: the keys; those that couldn't be observed are reported as failed.
        observation: what is on AWS.
        report: told of what is done.
        waits: how to wait, and how to be stopped.
    """
    wanted, waits = tuple(targets), waits or Waits()
    observed = dict(observation.observed)
    new = [item for item in wanted if _is_new(item, observed.get(item.name))]
    report.begin("making keys", len(new))
    made = _make(cloud, new, observation, report, waits)
    report.begin("applying", len(wanted))

    def work(target: Target) -> Outcome:
        try:
            if target.name in observation.failures:
                return Outcome(target.name, (), observation.failures[target.name])
            return _apply_one(_Work(cloud, target, report, waits), observed[target.name], made.get(target.name))
        finally:
            report.advance()

    return tuple(on_each(wanted, work, waits))


def _is_new(target: Target, observed: KeyState | None) -> bool:
    return observed is not None and any(step.verb == "create" for step in plan(target, observed))


def _make(
    cloud: Cloud, new: list[Target], observation: Observation, report: Report, waits: Waits
) -> dict[str, Creation]:
    by_place: dict[Place, list[Target]] = {}
    for target in new:
        by_place.setdefault(target.place, []).append(target)

    def work(item: tuple[Place, list[Target]]) -> dict[str, Creation]:
        place, targets = item
        known = observation.listings[place].known or frozenset()
        return create_keys(cloud, place, targets, known, waits, report)

    made: dict[str, Creation] = {}
    for part in on_each(by_place.items(), work, waits):
        made |= part
    return made


@dataclass(frozen=True)
class _Work:
    """One key being worked on."""

    cloud: Cloud
    target: Target
    report: Report
    waits: Waits

    def service(self, region: str) -> KeyService:
        return self.cloud.keys(region, self.target.key.assume_role_arn)


def _apply_one(work: _Work, observed: KeyState, creation: Creation | None) -> Outcome:
    target = work.target
    done: list[str] = []
    try:
        first = plan(target, observed)
        if creation is not None:
            if creation.error or creation.metadata is None:
                raise creation.error or AssertionError(creation)
            done.append(f"created {creation.metadata.arn}")
            work.report.say(target.name, done[-1])
            observed = _as_created(target, observed, creation.metadata)
        carry_out(work.cloud, target, observed, work.report, work.waits, done)
        if first:
            confirm(work.cloud, target, observed, created=creation is not None, waits=work.waits)
    except Interrupted as error:
        return Outcome(target.name, tuple(done), error)
    except KeywrightError as error:
        work.report.say(target.name, f"failed: {error}")
        return Outcome(target.name, tuple(done), error)
    return Outcome(target.name, tuple(done))


def _as_created(target: Target, observed: KeyState, metadata: KeyMetadata) -> KeyState:
    """What is on AWS once CreateKey has answered."""
    rotation = None if target.rotates is None else RotationStatus(enabled=False, period_in_days=None)
    fresh = LiveKey(metadata, target.policy, target.tags, rotation)
    return replace(observed, keys=(*(item for item in observed.keys if item.duplicate), fresh))


def carry_out(
    cloud: Cloud,
    target: Target,
    observed: KeyState,
    report: Report,
    waits: Waits,
    done: list[str],
    *,
    only: Wanted = lambda _: True,
) -> None:
    """Carry out what the plan says about one key that is there; `done` gets each step's words as it is done.

    Raises:
        KeywrightError: with every reason, if the plan refuses; else the failure of a step.
    """
    work = _Work(cloud, target, report, waits)
    steps = plan(target, observed)
    refused = [step for step in steps if step.verb == "refuse"]
    if refused:
        raise KeywrightError(
            f"`{target.name}` was left alone: " + "; ".join(step.words for step in refused),
            "; ".join(dict.fromkeys(step.why for step in refused)),
        )
    for step in steps:
        if only(step):
            waits.check()
            _do(work, observed, step)
            done.append(step.words)
            report.say(target.name, step.words)


def _do(work: _Work, observed: KeyState, step: Step) -> None:  # noqa: C901, PLR0912 - one case a verb
    waits, service = work.waits, work.service(step.region)
    key_id = observed.live[0].metadata.key_id
    match step.verb, step.value:
        case "discard", str(duplicate):
            discard(service, duplicate, None, waits)
        case "enable", _:
            waits.visible(lambda: service.enable_key(key_id), after="pending deletion")
        case "disable", _:
            waits.visible(lambda: service.disable_key(key_id))
        case "describe", str(text):
            waits.visible(lambda: service.update_description(key_id, text))
        case "policy", str(text):
            _put_policy(work, observed, step.region, text)
        case "tag", dict(tags):
            waits.visible(lambda: service.tag(key_id, tags))
        case "untag", dict(tags):
            waits.visible(lambda: service.untag(key_id, tags))
        case "rotate", int(days):
            waits.visible(lambda: service.enable_rotation(key_id, days), after="disabled")
        case "stop-rotation", _:
            waits.visible(lambda: service.disable_rotation(key_id), after="disabled")
        case "alias", str(name):
            give_name(service, name, key_id, waits)
        case "move-alias", str(name):
            move_name(service, name, key_id, observed.aliases.get(name, AliasHolder(None)), waits)
        case "unalias", str(name):
            take_name(service, name, key_id)
        case "replicate", _:
            _replicate(work, observed.live[0], step.region)
        case _:
            raise AssertionError(step)


def _put_policy(work: _Work, observed: KeyState, region: str, text: str) -> None:
    """Replace a policy, unless somebody has done so since it was read: KMS has no conditional write."""
    target, service = work.target, work.service(region)
    live = observed.live[0] if region == target.location.region else observed.replicas[region]
    now = canonical_statements(work.waits.visible(lambda: service.policy(live.metadata.key_id)))
    if now == canonical_statements(text):
        return
    if now != canonical_statements(live.policy):
        raise KeywrightError(
            f"somebody has changed the policy of {live.metadata.arn} since it was read",
            "run `keywright plan` again and look at what it shows",
        )
    bypass = target.key.bypass_policy_lockout_safety_check
    key_id = live.metadata.key_id
    write_policy(
        work.cloud,
        target,
        text,
        work.waits,
        lambda: work.waits.visible(lambda: service.put_policy(key_id, text, bypass=bypass)),
    )


def _replicate(work: _Work, live: LiveKey, region: str) -> None:
    target = work.target
    primary = live.metadata
    if live.primary_region != primary.region:
        primary = work.service(live.primary_region).describe(primary.key_id)
    replica = replicate(
        work.cloud, target, primary, region, target.description_in(region), target.policy_in(region), work.waits
    )
    if not target.key.replica_regions[region].enabled and replica.state != "Disabled":
        service = work.service(region)
        work.waits.visible(lambda: service.disable_key(replica.key_id))
