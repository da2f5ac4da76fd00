"""The difference between a declared key and the live one, as steps in the order that AWS's key states allow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from keywright.lifecycle.equivalence import same_policy
from keywright.lifecycle.observation import LiveKey, Observed
from keywright.lifecycle.target import Target

Verb = Literal[
    "create", "enable", "disable", "describe", "policy", "tag", "untag",
    "rotate", "stop-rotation", "alias", "unalias", "replicate", "refuse",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One change, in words for a reviewer; `region` and `value` are what carrying it out needs."""

    verb: Verb
    words: str
    region: str
    value: str | Mapping[str, str] | int | None = None


def plan(target: Target, observed: Observed) -> tuple[Step, ...]:
    """What has to be done; empty where nothing. A step `refuse` stands alone and says what a person must do."""
    region = target.setting.region
    refusal = _refusal(target, observed)
    if refusal is not None:
        return (Step("refuse", refusal, region),)
    if not observed.live:
        return (Step("create", f"create the key, with {len(target.key.aliases)} aliases", region),)
    live = observed.live[0]
    return tuple(_steps(target, live, observed))


def _refusal(target: Target, observed: Observed) -> str | None:
    if len(observed.live) > 1:
        which = ", ".join(f"{item.metadata.arn} (made {item.metadata.creation_date})" for item in observed.live)
        return f"several live keys have this identity: {which}; remove the tag `keywright:key` from all but one"
    if not observed.live and observed.keys:
        return f"{observed.keys[0].metadata.arn} is pending deletion; run `keywright restore` to have it back"
    own = observed.live[0].metadata.key_id if observed.live else None
    for alias in target.key.aliases:
        holder = observed.aliases.get(alias)
        if alias in observed.aliases and holder != own:
            return f"`{alias}` belongs to the key {holder}, which is not this one; rename the alias or release it there"
    if observed.live:
        metadata, key = observed.live[0].metadata, target.key
        for field, live, wanted in (
            ("customer_master_key_spec", metadata.spec, key.customer_master_key_spec),
            ("key_usage", metadata.usage, key.key_usage),
            ("multi_region", metadata.multi_region, key.multi_region),
        ):
            if live != wanted:
                return f"`{field}` is {live} for good; AWS cannot make it {wanted}: declare a new key beside this one"
    return None


def _steps(target: Target, live: LiveKey, observed: Observed) -> Iterator[Step]:
    key, region, metadata = target.key, target.setting.region, live.metadata
    rotation = list(_rotation(target, live))
    missing = [item for item in sorted(key.replica_regions) if item not in observed.replicas]
    if not metadata.enabled and (key.is_enabled or rotation or missing):
        yield Step("enable", "enable the key", region)
    yield from _common(live, region, key.description, target.policy, target.tags)
    yield from rotation
    for alias in key.aliases:
        if alias not in observed.aliases:
            yield Step("alias", f"give it the name {alias}", region, alias)
    for alias, holder in sorted(observed.aliases.items()):
        if holder == metadata.key_id and alias not in key.aliases:
            yield Step("unalias", f"take the name {alias} away", region, alias)
    for other in missing:
        yield Step("replicate", f"replicate it to {other}", other)
    for other, replica in sorted(observed.replicas.items()):
        yield from _replica(target, other, replica)
    if not key.is_enabled and (metadata.enabled or rotation or missing):
        yield Step("disable", "disable the key", region)


def _replica(target: Target, region: str, replica: LiveKey) -> Iterator[Step]:
    wanted = target.key.replica_regions.get(region)
    if wanted is None or replica.pending_deletion:
        return  # a replica is never deleted by leaving it out
    description = target.key.description if wanted.description is None else wanted.description
    yield from _common(replica, region, description, target.policy_in(region), target.tags)
    if wanted.enabled != replica.metadata.enabled and replica.metadata.state in {"Enabled", "Disabled"}:
        verb: Verb = "enable" if wanted.enabled else "disable"
        yield Step(verb, f"{verb} the replica in {region}", region)


def _common(live: LiveKey, region: str, description: str, policy: str, tags: Mapping[str, str]) -> Iterator[Step]:
    if live.metadata.description != description:
        yield Step("describe", f"describe it as `{description[:60]}`", region, description)
    if not same_policy(live.policy, policy):
        yield Step("policy", f"change its policy in {region}", region, policy)
    changed = {name: value for name, value in tags.items() if live.tags.get(name) != value}
    if changed:
        yield Step("tag", f"set the tags {', '.join(sorted(changed))}", region, changed)
    gone = {name: "" for name in live.tags if name not in tags and not name.startswith("aws:")}
    if gone:
        yield Step("untag", f"remove the tags {', '.join(sorted(gone))}", region, gone)


def _rotation(target: Target, live: LiveKey) -> Iterator[Step]:
    if live.rotation is None or target.key.rotates is None:
        return
    region, period = target.setting.region, target.key.rotation_period_in_days or 365
    if target.key.rotates and (not live.rotation.enabled or (live.rotation.period_in_days or 365) != period):
        yield Step("rotate", f"rotate it every {period} days", region, period)
    if not target.key.rotates and live.rotation.enabled:
        yield Step("stop-rotation", "stop rotating it", region)
