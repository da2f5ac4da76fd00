"""A stack as declared and as it stands on AWS: what every command on keys begins with."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from keywright._internal.aws import Cloud, Patience, Settings
from keywright._internal.counting import counted
from keywright._internal.lifecycle.creation_race import observe_settled
from keywright._internal.lifecycle.grants import undeclared_grants
from keywright._internal.lifecycle.observation import Observation, observe
from keywright._internal.lifecycle.planning import plan_all
from keywright._internal.lifecycle.reporting import KeyOutcome, Report, Silent
from keywright._internal.lifecycle.saved_plan import as_saved, moved_since
from keywright._internal.lifecycle.stack_search import search_stack
from keywright._internal.lifecycle.steps import Plan
from keywright._internal.lifecycle.target import Target, locate
from keywright._internal.lifecycle.waiting import Waits
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.stack import Stack
from keywright.errors import InputError, KeywrightError, StalePlan


@dataclass(frozen=True)
class StackState:
    """What is declared, and what is there.

    Args:
        cloud: AWS.
        stack: the file.
        targets: its keys, or those that were named.
        all_targets: its keys as far as they can be told without the named ones' credentials failing.
        observation: what is on AWS.
        failures: why keys couldn't be looked at.
        waits: how to wait, and how to be stopped.
        unsearched: Regions where keys that would be created couldn't be looked for, with why.
        region_source: what became of the Region that isn't the file's; empty where there is nothing to say.
    """

    cloud: Cloud
    stack: Stack
    targets: tuple[Target, ...]
    all_targets: tuple[Target, ...]
    observation: Observation
    failures: Mapping[str, KeywrightError]
    waits: Waits
    unsearched: Mapping[str, str] = field(default_factory=dict)
    region_source: str = ""

    @cached_property
    def plan(self) -> Plan:
        """What has to be done to every key that could be read."""
        return plan_all(self.targets, self.observation.states)

    @property
    def known(self) -> dict[KeyLocation, frozenset[str]]:
        """The keys that were there when this was read, by place, as far as they were listed."""
        return {place: listing.known or frozenset() for place, listing in self.observation.listings.items()}

    def notes(self) -> list[str]:
        """What isn't a change, and worth knowing."""
        found = [self.region_source] if self.region_source else []
        found += [
            f"{item.summary}; leaving a key out never deletes it: declare it again and run `keywright destroy FILE "
            f"--key {item.name}`, or remove its `keywright:` tags"
            for item in self.observation.undeclared
        ]
        for target in self.targets:
            state = self.observation.states.get(target.name)
            found += [line for live in (state.live if state else ()) for line in undeclared_grants(target, live)]
            for region, replica in sorted(state.replicas.items()) if state else ():
                if region not in target.key.replica_regions and not replica.pending_deletion:
                    found.append(
                        f"{replica.metadata.arn} is a replica of `{target.name}` that the configuration no longer "
                        "declares: its policy follows the key's; to remove it: keywright destroy FILE --key "
                        f"{target.name} --replica {region}"
                    )
        unreadable = sorted({arn for listing in self.observation.listings.values() for arn in listing.unreadable})
        if unreadable:
            found.append(
                f"you may not read the tags of {counted(len(unreadable), 'key')} that the tagging API doesn't list; "
                "a key of this stack among them would not be seen"
            )
        if self.unsearched:
            reasons = ", ".join(sorted(set(self.unsearched.values())))
            found.append(
                f"{counted(len(self.unsearched), 'Region')} couldn't be searched for keys of this stack ({reasons}): "
                + ", ".join(sorted(self.unsearched))
            )
        return found

    def unmoved(self) -> StackState:
        """The same, read again, if nobody has changed what the plan is about.

        Raises:
            StalePlan: naming every key that has moved.
        """
        now = self.again()
        current = {item.name: item for item in now.plan.keys}
        moved = [item.name for item in self.plan.keys if moved_since(as_saved(item), current.get(item.name))]
        if moved:
            raise StalePlan(
                f"AWS has changed since the plan, and nothing was done: {', '.join(f'`{name}`' for name in moved)}",
                "plan again and look at what it shows",
            )
        return now

    def with_unread(self, outcomes: Sequence[KeyOutcome]) -> tuple[KeyOutcome, ...]:
        """The outcomes with those of keys that couldn't even be read."""
        known = {item.name for item in outcomes}
        return (*outcomes, *(KeyOutcome(name, (), error) for name, error in self.failures.items() if name not in known))

    def again(self) -> StackState:
        """The same, read again."""
        seen = observe_settled(
            self.cloud, self.targets, self.waits, all_targets=self.all_targets, declared=self.stack.keys
        )
        return replace(self, observation=seen, failures={**self.failures, **seen.failures})


@dataclass(frozen=True)
class Session:
    """How to look: the options that every command has, and what a later Ctrl-C must stop.

    Args:
        keys: the names of the keys to work on; empty for all.
        profile: an AWS profile.
        region: the Region of keys whose file names none.
        waits: how to wait, and how to be stopped.
        report: told how reading goes on.
        region_origin: where `region` comes from, for people.
        shared: AWS as other sessions of this process reach it too; None for a connection of this session's own.
    """

    keys: tuple[str, ...]
    profile: str | None
    region: str | None
    waits: Waits = field(default_factory=Waits)
    report: Report = field(default_factory=Silent)
    region_origin: str = "--region"
    shared: Cloud | None = None

    def cloud(self) -> Cloud:
        """AWS, as the options say; its pauses end when the run is stopped."""
        if self.shared is not None:
            return self.shared
        patience = Patience(sleep=self.waits.pause, notice=self.waits.notice)
        return Cloud(Settings(self.profile, self.region), patience=patience)

    def at(
        self,
        stack: Stack,
        *,
        settled: bool = False,
        fresh_tags: bool = False,
        meanwhile: Callable[[Sequence[Target]], None] = lambda _: None,
    ) -> StackState:
        """A stack.

        Args:
            stack: the declared keys.
            settled: wait while another run is just making the same keys.
            fresh_tags: read all tags from KMS itself.
            meanwhile: what can be done about the keys while AWS is waited for.
        """
        cloud = self.cloud()
        default_region = cloud.default_region
        located = locate(stack, lambda role, region: cloud.caller(role, region=region), default_region, self.keys)
        targets = located.targets
        if not targets and located.failures:
            raise next(iter(located.failures.values()))
        everything = self._all_targets(cloud, stack, targets, default_region)
        beside = partial(meanwhile, targets)
        if settled:
            seen = observe_settled(
                cloud,
                targets,
                self.waits,
                all_targets=everything,
                declared=stack.keys,
                report=self.report,
                meanwhile=beside,
            )
        else:
            seen = observe(
                cloud,
                targets,
                fresh_tags=fresh_tags,
                all_targets=everything,
                declared=stack.keys,
                report=self.report,
                meanwhile=beside,
            )
        failures = {**located.failures, **seen.failures}
        seen, unsearched = _looked_for_elsewhere(cloud, targets, seen)
        source = self._region_source(stack, default_region)
        return StackState(cloud, stack, targets, everything, seen, failures, self.waits, unsearched, source)

    def _region_source(self, stack: Stack, default_region: str | None) -> str:
        """Which Region keys without one got, and from where; and whether one was named that no key needs."""
        if default_region is None or all(key.region for key in stack.keys.values()):
            regions = {key.region for key in stack.keys.values()}
            unused = self.region is not None and regions != {self.region}
            return (
                f"{self.region_origin} {self.region} changes nothing: every key's Region is in the file"
                if unused
                else ""
            )
        variable = next((name for name in ("AWS_REGION", "AWS_DEFAULT_REGION") if os.environ.get(name)), None)
        origin = self.region_origin if self.region else variable or f"the AWS profile `{self.profile or 'default'}`"
        return f"the file names no Region: {default_region} is taken, from {origin}"

    def _all_targets(
        self, cloud: Cloud, stack: Stack, targets: tuple[Target, ...], default_region: str | None
    ) -> tuple[Target, ...]:
        """The keys that share the named ones' credentials: what their aliases are matters to them."""
        if not self.keys:
            return targets
        roles = {stack.keys[name].assume_role_arn for name in self.keys}
        kin = [name for name, key in stack.keys.items() if key.assume_role_arn in roles]
        try:
            return locate(stack.only(kin), lambda r, region: cloud.caller(r, region=region), default_region).targets
        except InputError:
            return targets


def _looked_for_elsewhere(
    cloud: Cloud, targets: tuple[Target, ...], seen: Observation
) -> tuple[Observation, Mapping[str, str]]:
    """The observation with the live keys that other Regions have of keys that would be created, and where it failed."""
    missing = [
        item
        for item in targets
        if (state := seen.states.get(item.name)) is not None and not (state.live or state.pending or state.elsewhere)
    ]
    if not missing:
        return seen, {}
    found = search_stack(cloud, missing, seen.listings.keys())
    states = {
        item.name: replace(seen.states[item.name], elsewhere=arns)
        for item in missing
        if (arns := _unrelated(item, found.keys.get(item.name, ())))
    }
    return replace(seen, states={**seen.states, **states}), found.unsearched


def _unrelated(target: Target, arns: tuple[str, ...]) -> tuple[str, ...]:
    """The keys that aren't the primary which the target is to be a replica of."""
    primary = target.key.replica_primary_key_arn
    family = KeyLocation.of_arn(primary).key_id if primary else None
    return tuple(arn for arn in arns if KeyLocation.of_arn(arn).key_id != family)
