"""The difference between a declared key and the live one, as steps in the order that AWS's key states allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from keywright._internal.lifecycle.key_state import KeyState, LiveKey
from keywright._internal.lifecycle.policy_change import policy_change
from keywright._internal.lifecycle.refusals import refusals
from keywright._internal.lifecycle.target import Target

DEFAULT_ROTATION_PERIOD = 365

Verb = Literal[
    "create", "discard", "enable", "disable", "describe", "policy", "tag", "untag",
    "rotate", "stop-rotation", "alias", "move-alias", "unalias", "replicate", "refuse",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One change, in words for a reviewer.

    Args:
        verb: what kind.
        words: what will happen.
        region: where.
        value: what carrying it out needs.
        why: the reason; for a refusal, the remedy.
        details: more about it, a line each: of a policy, who gains and who loses.
    """

    verb: Verb
    words: str
    region: str
    value: str | Mapping[str, str] | int | None = None
    why: str = ""
    details: tuple[str, ...] = ()

    def as_document(self) -> dict[str, Any]:
        """The step as `--json` shows it."""
        return {
            "verb": self.verb,
            "region": self.region,
            "words": self.words,
            "why": self.why,
            "details": list(self.details),
        }


def plan(target: Target, observed: KeyState) -> tuple[Step, ...]:
    """What has to be done; empty where nothing. Steps `refuse` stand alone and say what a person must do."""
    region = target.location.region
    refused = tuple(Step("refuse", words, region, why=remedy) for words, remedy in refusals(target, observed))
    if refused:
        return refused
    return (*_leftovers(observed, region), *(_changes(target, observed) if observed.live else _new(target)))


def _leftovers(observed: KeyState, region: str) -> Iterator[Step]:
    for key in observed.leftovers:
        yield Step(
            "discard",
            f"schedule the deletion of the unused duplicate {key.metadata.arn}",
            region,
            key.metadata.key_id,
            "two runs raced; the one that made it gave way, and was stopped before it could remove it",
        )


def _new(target: Target) -> Iterator[Step]:
    """Creation, in short: what follows it is planned again once the key is there."""
    key, region = target.key, target.location.region
    details = [f"described as `{key.description[:60]}`"]
    if target.rotates:
        details.append(f"rotated every {key.rotation_period_in_days or DEFAULT_ROTATION_PERIOD} days")
    details += [f"named {alias}" for alias in key.aliases]
    details += [f"replicated to {other}" for other in sorted(key.replica_regions)]
    if not key.is_enabled:
        details.append("disabled")
    if key.bypass_policy_lockout_safety_check:
        details.append(BYPASSED)
    if key.replica_primary_key_arn:
        words = f"replicate {key.replica_primary_key_arn} to {region}"
    else:
        family = "multi-Region " if key.multi_region else ""
        words = f"create a {family}key, {key.customer_master_key_spec} for {key.key_usage}"
    yield Step("create", words, region, why="no key on AWS has this identity", details=tuple(details))


BYPASSED = "WITHOUT AWS's lockout check (`bypass_policy_lockout_safety_check`): a mistake may lock everybody out"


def _changes(target: Target, observed: KeyState) -> Iterator[Step]:
    key, region, live = target.key, target.location.region, observed.live[0]
    metadata = live.metadata
    rotation = list(_rotation(target, live))
    missing = [item for item in sorted(key.replica_regions) if item not in observed.replicas]
    needs_enabled = (rotation or missing) and live.primary_region == region and not key.replica_primary_key_arn
    is_off = metadata.state == "Disabled"
    if is_off and (key.is_enabled or needs_enabled):
        why = "it is disabled" if key.is_enabled else "rotation and replication need an enabled key"
        yield Step("enable", "enable the key", region, why=why)
    yield from _common(target, live, region, key.description, target.policy)
    yield from rotation
    yield from _aliases(target, observed, metadata.key_id)
    for other in missing:
        yield Step("replicate", f"replicate it to {other}", other, why=f"it has no replica in {other}")
    for other, replica in sorted(observed.replicas.items()):
        yield from _replica(target, other, replica)
    if not key.is_enabled and (metadata.state == "Enabled" or (is_off and needs_enabled)):
        yield Step("disable", "disable the key", region, why="the file says `is_enabled: false`")


def _aliases(target: Target, observed: KeyState, key_id: str) -> Iterator[Step]:
    region = target.location.region
    for alias in target.key.aliases:
        holder = observed.aliases.get(alias)
        if holder is None:
            yield Step("alias", f"give it the name {alias}", region, alias, "no key has that name")
        elif holder.key_id != key_id:
            why = "the key that this one replaces has it"
            if holder.sibling != target.name:
                why = f"the file gives it to this key now, and `{holder.sibling}` has it"
            yield Step("move-alias", f"move the name {alias} here", region, alias, why)
    for alias in observed.held(key_id):
        if alias not in target.key.aliases and alias not in observed.claimed:
            yield Step("unalias", f"take the name {alias} away", region, alias, "the file doesn't give it this name")


def _replica(target: Target, region: str, replica: LiveKey) -> Iterator[Step]:
    wanted = target.key.replica_regions.get(region)
    if wanted is None or replica.pending_deletion:
        return  # leaving a replica out never deletes it
    yield from _common(target, replica, region, target.description_in(region), target.policy_in(region))
    if wanted.enabled and replica.metadata.state == "Disabled":
        yield Step("enable", f"enable the replica in {region}", region, why="it is disabled")
    if not wanted.enabled and replica.metadata.state == "Enabled":
        yield Step("disable", f"disable the replica in {region}", region, why="the file says `enabled: false`")


def _common(target: Target, live: LiveKey, region: str, description: str, policy: str) -> Iterator[Step]:
    what = "the key" if region == target.location.region else f"the replica in {region}"
    if live.metadata.description != description:
        why = f"it is described as `{live.metadata.description[:60]}`"
        yield Step("describe", f"describe {what} as `{description[:60]}`", region, description, why)
    change = policy_change(live.policy, policy, replace(target.location, region=region))
    if change is not None:
        details = change.lines()
        if target.key.bypass_policy_lockout_safety_check:
            details = (BYPASSED, *details)
        why = "the policy on AWS differs from the file's in meaning"
        if change.undecided:
            why = "the policy on AWS has other statements than the file's"
        yield Step("policy", f"change the policy of {what}", region, policy, why, details)
    wanted = target.tags
    changed = {name: value for name, value in wanted.items() if live.tags.get(name) != value}
    if changed:
        details = tuple(f"{name}: {_shown(live.tags.get(name))} -> `{changed[name]}`" for name in sorted(changed))
        why = "missing, or not what the file says"
        yield Step(
            "tag",
            f"set the tag{'' if len(changed) == 1 else 's'} {', '.join(sorted(changed))} of {what}",
            region,
            changed,
            why,
            details,
        )
    gone = {name: "" for name in live.tags if name not in wanted and not name.startswith("aws:")}
    if gone:
        why = "the file doesn't have them"
        yield Step(
            "untag",
            f"remove the tag{'' if len(gone) == 1 else 's'} {', '.join(sorted(gone))} of {what}",
            region,
            gone,
            why,
        )


def _rotation(target: Target, live: LiveKey) -> Iterator[Step]:
    if live.rotation is None or target.rotates is None:
        return
    region, period = live.primary_region, target.key.rotation_period_in_days or DEFAULT_ROTATION_PERIOD
    now = live.rotation.period_in_days or DEFAULT_ROTATION_PERIOD
    if target.rotates and not live.rotation.enabled:
        yield Step("rotate", f"rotate the key every {period} days", region, period, "it doesn't rotate")
    elif target.rotates and now != period:
        yield Step("rotate", f"rotate the key every {period} days", region, period, f"it rotates every {now} days")
    if not target.rotates and live.rotation.enabled:
        yield Step("stop-rotation", "stop rotating the key", region, why="the file says `enable_key_rotation: false`")


def _shown(value: str | None) -> str:
    return "absent" if value is None else f"`{value}`"
