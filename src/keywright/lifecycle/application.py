"""Carries out plans, key by key in parallel; every run looks at AWS first, so an interrupted one is simply repeated."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from keywright.aws import AlreadyExists, Cloud, InvalidState, KeyMetadata, NotFound, OutcomeUnknown, RotationStatus
from keywright.errors import KeywrightError
from keywright.lifecycle.observation import WORKERS, LiveKey, Observed, observe
from keywright.lifecycle.planning import Step, plan
from keywright.lifecycle.target import Target

VISIBILITY_IN_SECONDS = 60.0
"""How long a change may take to be seen everywhere: https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html"""

if TYPE_CHECKING:
    from types_boto3_kms.literals import KeySpecType

T = TypeVar("T")
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went for one key: the steps carried out, and the error that ended it, if any."""

    name: str
    done: tuple[str, ...]
    error: KeywrightError | None


def apply(
    cloud: Cloud, targets: Iterable[Target], observed: Mapping[str, Observed], report: Report
) -> tuple[Outcome, ...]:
    """Make AWS match the targets. One key's failure does not stop the others."""
    with ThreadPoolExecutor(WORKERS) as pool:
        return tuple(pool.map(lambda target: _apply_one(cloud, target, observed[target.name], report), targets))


def _apply_one(cloud: Cloud, target: Target, observed: Observed, report: Report) -> Outcome:
    done: list[str] = []
    try:
        steps = plan(target, observed)
        if steps and steps[0].verb == "create":
            metadata = _create(cloud, target)
            done.append(f"created {metadata.arn}")
            report(f"{target.name}: {done[-1]}")
            fresh = LiveKey(metadata, target.policy, target.tags, _no_rotation(target))
            observed = Observed((fresh,), {}, observed.aliases)
            steps = plan(target, observed)
        for step in steps:
            _carry_out(cloud, target, observed, step)
            done.append(step.words)
            report(f"{target.name}: {step.words}")
    except KeywrightError as error:
        report(f"{target.name}: {error}")
        return Outcome(target.name, tuple(done), error)
    return Outcome(target.name, tuple(done), None)


def _no_rotation(target: Target) -> RotationStatus | None:
    return None if target.key.rotates is None else RotationStatus(enabled=False, period_in_days=None)


def _create(cloud: Cloud, target: Target) -> KeyMetadata:
    """CreateKey is not idempotent: where its outcome is unknown, look for the key and never send it again."""
    service = cloud.keys(target.setting.region)
    try:
        return service.create_key(
            spec=cast("KeySpecType", target.key.customer_master_key_spec),  # checked against botocore's list
            usage=target.key.key_usage,
            description=target.key.description,
            policy=target.policy,
            tags=target.tags,
            multi_region=target.key.multi_region,
            bypass_policy_lockout_safety_check=target.key.bypass_policy_lockout_safety_check,
        )
    except OutcomeUnknown:
        ends = time.monotonic() + VISIBILITY_IN_SECONDS
        while time.monotonic() < ends:
            live = observe(cloud, (target,))[target.name].live
            if live:
                return live[0].metadata
            time.sleep(1)
        raise


def _carry_out(cloud: Cloud, target: Target, observed: Observed, step: Step) -> None:  # noqa: C901, PLR0912 - one case a verb
    service = cloud.keys(step.region)
    primary = observed.live[0].metadata if observed.live else None
    key_id = primary.key_id if primary else ""
    match step.verb, step.value:
        case "refuse", _:
            raise KeywrightError(f"`{target.name}` was left alone: {step.words}")
        case "enable", _:
            _patiently(lambda: service.enable_key(key_id))
        case "disable", _:
            _patiently(lambda: service.disable_key(key_id))
        case "describe", str(text):
            _patiently(lambda: service.update_description(key_id, text))
        case "policy", str(text):
            _patiently(lambda: service.put_policy(key_id, text, bypass=target.key.bypass_policy_lockout_safety_check))
        case "tag", dict(tags):
            _patiently(lambda: service.tag(key_id, tags))
        case "untag", dict(tags):
            _patiently(lambda: service.untag(key_id, tags))
        case "rotate", int(days):
            _patiently(lambda: service.enable_rotation(key_id, days))
        case "stop-rotation", _:
            _patiently(lambda: service.disable_rotation(key_id))
        case "unalias", str(name):
            service.delete_alias(name)
        case "alias", str(name):
            _give_name(cloud, target, key_id, name)
        case "replicate", _ if primary is not None:
            _replicate(cloud, target, primary, step.region)
        case _:
            raise AssertionError(step)


def _give_name(cloud: Cloud, target: Target, key_id: str, name: str) -> None:
    service = cloud.keys(target.setting.region)
    try:
        _patiently(lambda: service.create_alias(name, key_id))
    except (AlreadyExists, OutcomeUnknown):
        holder = {item.name: item.target_key_id for item in service.aliases()}.get(name)
        if holder != key_id:
            raise


def _replicate(cloud: Cloud, target: Target, primary: KeyMetadata, region: str) -> None:
    wanted = target.key.replica_regions[region]
    try:
        replica = _patiently(
            lambda: cloud.keys(primary.region).replicate_key(
                primary.key_id,
                replica_region=region,
                description=target.key.description if wanted.description is None else wanted.description,
                policy=target.policy_in(region),
                tags=target.tags,
                bypass_policy_lockout_safety_check=target.key.bypass_policy_lockout_safety_check,
            ),
        )
    except (AlreadyExists, OutcomeUnknown):
        replica = cloud.keys(region).describe(primary.key_id)
    if not wanted.enabled:
        _patiently(lambda: cloud.keys(region).disable_key(replica.key_id))


def _patiently(call: Callable[[], T]) -> T:
    """Wait while AWS does not see a key it has just made, or is still making it; any other error is final."""
    ends = time.monotonic() + VISIBILITY_IN_SECONDS
    while True:
        try:
            return call()
        except (NotFound, InvalidState) as error:
            making = isinstance(error, NotFound) or "creating" in str(error).lower()
            if not making or time.monotonic() > ends:
                raise
        time.sleep(0.5)
