"""The difference between a declared key and the live one, as steps in the order that AWS's key states allow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from keywright._internal.aws import KeyMetadata, RotationStatus
from keywright._internal.lifecycle.aliases import alias_steps
from keywright._internal.lifecycle.grants import grant_steps
from keywright._internal.lifecycle.key_state import KeyState, LiveKey
from keywright._internal.lifecycle.policy_normalization import same_statements
from keywright._internal.lifecycle.refusals import refusals
from keywright._internal.lifecycle.steps import KeyPlan, Plan, Step
from keywright._internal.lifecycle.target import GRANTS_TAG, Target
from keywright._internal.model.arn import Arn

DEFAULT_ROTATION_PERIOD = 365
BYPASSED = "WITHOUT AWS's lockout check (`bypass_policy_lockout_safety_check`): a mistake may lock everybody out"


def plan_all(targets: Iterable[Target], states: Mapping[str, KeyState]) -> Plan:
    """The plan of every key whose state could be read."""
    readable = (target for target in targets if target.name in states)
    return Plan(tuple(KeyPlan(item, states[item.name], plan(item, states[item.name])) for item in readable))


def plan(target: Target, state: KeyState) -> tuple[Step, ...]:
    """What has to be done; empty where nothing. Steps `refuse` stand alone and say what a person must do."""
    region = target.location.region
    refused = tuple(Step("refuse", message, remedy, region) for message, remedy in refusals(target, state))
    if refused:
        return refused
    changes = _changes(target, state) if state.live else _creation(target, state)
    return (*_leftovers(state, region), *changes)


def _leftovers(state: KeyState, region: str) -> Iterator[Step]:
    for key in state.leftovers:
        yield Step(
            "discard",
            f"schedule the deletion of the unused duplicate {key.metadata.arn}",
            "two runs raced; the one that made it gave way, and was stopped before it could remove it",
            region,
            key.metadata.key_id,
        )


def _creation(target: Target, state: KeyState) -> Iterator[Step]:
    """Making the key, and all that follows once it is there."""
    key, region = target.key, target.location.region
    if key.replica_primary_key_arn:
        summary = f"create replica of {key.replica_primary_key_arn} in {region}"
    else:
        family = "multi-Region key" if key.multi_region else "key"
        summary = f"create {family} ({key.customer_master_key_spec}, {key.key_usage})"
    details = [f"description: `{key.description[:60]}`"]
    details += [f"tags: {', '.join(f'{name}={value}' for name, value in sorted(key.tags.items()))}"] if key.tags else []
    if key.bypass_policy_lockout_safety_check:
        details.append(BYPASSED)
    after = {
        "spec": key.customer_master_key_spec,
        "usage": key.key_usage,
        "multi_region": key.multi_region,
        "replica_of": key.replica_primary_key_arn,
        **_carried(target, key.description, target.policy, target.own_tags),
    }
    yield Step("create", summary, "key does not exist", region, after, details=tuple(details))
    yield from _changes(target, as_created(target, state))


def _carried(target: Target, description: str, policy: str, tags: Mapping[str, str]) -> dict[str, object]:
    """What CreateKey and ReplicateKey carry both."""
    return {
        "description": description,
        "policy": policy,
        "tags": dict(tags),
        "bypass_policy_lockout_safety_check": target.key.bypass_policy_lockout_safety_check,
    }


def as_created(target: Target, state: KeyState, metadata: KeyMetadata | None = None) -> KeyState:
    """What AWS shows once the key has been made.

    Args:
        target: the key.
        state: what it showed before.
        metadata: what CreateKey answered; None before it has been called.
    """
    rotation = None if target.rotates is None else RotationStatus(enabled=False, period_in_days=None)
    fresh = LiveKey(metadata or _to_be_made(target), target.policy, target.own_tags, rotation, ())
    return replace(state, keys=(*(item for item in state.keys if item.duplicate), fresh))


def _to_be_made(target: Target) -> KeyMetadata:
    key, location = target.key, target.location
    return KeyMetadata(
        key_id="",
        arn=str(Arn(location.partition, "kms", location.region, location.account, "key/")),
        account=location.account,
        region=location.region,
        state="Enabled",
        enabled=True,
        spec=key.customer_master_key_spec,
        usage=key.key_usage,
        origin="AWS_KMS",
        description=key.description,
        multi_region=key.multi_region,
        multi_region_type=None,
        primary_arn=key.replica_primary_key_arn,
        replica_arns=(),
        creation_date=None,
        deletion_date=None,
        pending_deletion_window_in_days=None,
        manager="CUSTOMER",
        signing_algorithms=(),
        encryption_algorithms=(),
        mac_algorithms=(),
        key_agreement_algorithms=(),
    )


def _changes(target: Target, state: KeyState) -> Iterator[Step]:
    key, region, live = target.key, target.location.region, state.live[0]
    metadata = live.metadata
    rotation = list(_rotation(target, live))
    missing = [item for item in sorted(key.replica_regions) if item not in state.replicas]
    revoked, granted = grant_steps(target, live)
    adds_grant = any(step.action == "create-grant" for step in granted)
    needs_enabled = adds_grant or (
        (rotation or missing) and live.primary_region == region and not key.replica_primary_key_arn
    )
    is_off = metadata.state == "Disabled"
    if is_off and (key.is_enabled or needs_enabled):
        reason = "the key is disabled" if key.is_enabled else "rotation, replication and grants need an enabled key"
        yield Step("enable", "enable key", reason, region)
    yield from revoked
    yield from _common(target, live, region, key.description, target.policy, names_grants=adds_grant)
    yield from granted
    yield from rotation
    yield from alias_steps(target, state, metadata.key_id)
    for other in missing:
        after = _carried(target, target.description_in(other), target.policy_in(other), target.tags)
        yield Step("replicate", f"create replica in {other}", f"the key has no replica in {other}", other, after)
        if not key.replica_regions[other].enabled:
            yield Step("disable", f"disable replica in {other}", _REPLICA_OFF, other)
    for other, replica in sorted(state.replicas.items()):
        yield from _replica(target, other, replica)
    if not key.is_enabled and (metadata.state == "Enabled" or (is_off and needs_enabled)):
        yield Step("disable", "disable key", "the configuration says `is_enabled: false`", region)


_REPLICA_OFF = "the configuration says `enabled: false`"


def _replica(target: Target, region: str, replica: LiveKey) -> Iterator[Step]:
    wanted = target.key.replica_regions.get(region)
    if replica.pending_deletion:
        return
    if wanted is None:  # leaving a replica out never deletes it, and doesn't keep access alive that the key has lost
        if not same_statements(replica.policy, policy := target.policy_in(region)):
            reason = "the configuration doesn't declare this replica: its policy follows the key's"
            yield Step("policy", f"update key policy of replica in {region}", reason, region, policy, replica.policy)
        return
    yield from _common(target, replica, region, target.description_in(region), target.policy_in(region))
    if wanted.enabled and replica.metadata.state == "Disabled":
        yield Step("enable", f"enable replica in {region}", "the replica is disabled", region)
    if not wanted.enabled and replica.metadata.state == "Enabled":
        yield Step("disable", f"disable replica in {region}", _REPLICA_OFF, region)


def _common(
    target: Target, live: LiveKey, region: str, description: str, policy: str, *, names_grants: bool = False
) -> Iterator[Step]:
    of_what = "" if region == target.location.region else f" of replica in {region}"
    shown = live.metadata.description
    if shown != description:
        summary = f"update description{of_what} to `{description[:60]}`"
        yield Step("describe", summary, f"the description is `{shown[:60]}`", region, description, shown)
    if not same_statements(live.policy, policy):
        details = (BYPASSED,) if target.key.bypass_policy_lockout_safety_check else ()
        reason = "the statements on AWS differ from the configuration"
        yield Step("policy", f"update key policy{of_what}", reason, region, policy, live.policy, details)
    yield from _tags(target, live, region, of_what, names_grants=names_grants)


def _tags(target: Target, live: LiveKey, region: str, of_what: str, *, names_grants: bool) -> Iterator[Step]:
    wanted = target.tags_in(region)
    if GRANTS_TAG not in live.tags and not names_grants:
        wanted.pop(GRANTS_TAG, None)  # the grants were adopted as they are
    changed = {name: value for name, value in wanted.items() if live.tags.get(name) != value}
    if changed:
        before = {name: live.tags[name] for name in changed if name in live.tags}
        details = tuple(f"{name}: {_shown(before.get(name))} -> `{changed[name]}`" for name in sorted(changed))
        summary = f"set {_named(changed)}{of_what}"
        yield Step("tag", summary, "missing, or of another value", region, changed, before, details)
    gone = {name: value for name, value in live.tags.items() if name not in wanted and not name.startswith("aws:")}
    if gone:
        reason = f"the configuration doesn't have {'it' if len(gone) == 1 else 'them'}"
        yield Step("untag", f"remove {_named(gone)}{of_what}", reason, region, before=gone)


def _named(tags: Iterable[str]) -> str:
    names = sorted(tags)
    return f"tag{'' if len(names) == 1 else 's'} {', '.join(names)}"


def _rotation(target: Target, live: LiveKey) -> Iterator[Step]:
    if live.rotation is None or target.rotates is None:
        return
    region, period = live.primary_region, target.key.rotation_period_in_days or DEFAULT_ROTATION_PERIOD
    now = (live.rotation.period_in_days or DEFAULT_ROTATION_PERIOD) if live.rotation.enabled else None
    if target.rotates and now is None:
        yield Step("rotate", f"enable rotation every {period} days", "the key doesn't rotate", region, period)
    elif target.rotates and now != period:
        summary = f"set rotation to every {period} days"
        yield Step("rotate", summary, f"the key rotates every {now} days", region, period, now)
    if not target.rotates and now is not None:
        reason = "the configuration says `enable_key_rotation: false`"
        yield Step("stop-rotation", "disable rotation", reason, region, before=now)


def _shown(value: str | None) -> str:
    return "absent" if value is None else f"`{value}`"
