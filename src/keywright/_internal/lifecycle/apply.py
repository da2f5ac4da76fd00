"""Carries out a plan: missing keys are made first, each key's steps follow as soon as it is there, all in parallel.

The steps are those of the plan, with its values; nothing is planned again. What a step finds on AWS is compared with
what it was planned from where a mistake could hurt: a policy, an alias.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from keywright._internal.aws import Cloud, KeyMetadata, KeyService
from keywright._internal.lifecycle.aliases import create_alias, delete_alias, move_alias
from keywright._internal.lifecycle.creation import create_key, replicate, replicate_home
from keywright._internal.lifecycle.creation_race import Race, discard
from keywright._internal.lifecycle.grants import create_grant, revoke_grant
from keywright._internal.lifecycle.key_reading import read_key
from keywright._internal.lifecycle.key_state import KeyState
from keywright._internal.lifecycle.outlook import Outlook, calls_of_plan
from keywright._internal.lifecycle.parallel import Stages
from keywright._internal.lifecycle.planning import as_created, plan
from keywright._internal.lifecycle.policy_normalization import canonical_statements
from keywright._internal.lifecycle.policy_writing import write_policy
from keywright._internal.lifecycle.reporting import KeyOutcome, Report
from keywright._internal.lifecycle.steps import KeyPlan, Plan, Step
from keywright._internal.lifecycle.target import Target
from keywright._internal.lifecycle.wait_consistent import wait_consistent
from keywright._internal.lifecycle.waiting import Interrupted, Waits
from keywright._internal.model.key_location import KeyLocation
from keywright.errors import KeywrightError


def apply(
    cloud: Cloud,
    planned: Plan,
    report: Report,
    waits: Waits | None = None,
    *,
    known: Mapping[KeyLocation, Collection[str]] | None = None,
) -> tuple[KeyOutcome, ...]:
    """Carry out a plan. One key's failure does not stop the others.

    Args:
        cloud: AWS.
        planned: what to do.
        report: told of what is done.
        waits: how to wait, and how to be stopped.
        known: the ARNs of the keys that were there when it was planned, by place, as far as they were listed.
    """
    outlook = Outlook(cloud, calls_of_plan(planned.keys))
    report.begin("applying", len(planned.keys), outlook.seconds)
    run = _Run(cloud, report, waits or Waits(), known or {}, outlook)
    return run.carry_out(planned)


class _Run:
    """One run over all keys of a plan."""

    def __init__(
        self,
        cloud: Cloud,
        report: Report,
        waits: Waits,
        known: Mapping[KeyLocation, Collection[str]],
        outlook: Outlook,
    ) -> None:
        self._cloud = cloud
        self._report = report
        self._waits = waits
        self._known = known
        self._outlook = outlook
        self._races: dict[KeyLocation, Race] = {}
        self._outcomes: dict[str, KeyOutcome] = {}
        self._stages = Stages(waits)

    def carry_out(self, planned: Plan) -> tuple[KeyOutcome, ...]:
        for item in planned.keys:
            target = item.target
            if not item.creates:
                self._begin(item)
            elif target.key.replica_primary_key_arn is not None:
                self._stages.add(("create", target.location), partial(self._replicate_home, item))
            else:
                if target.location not in self._races:
                    known = self._known.get(target.location, ())
                    race = Race(target.service(self._cloud), target.stack, known, self._waits, self._report.say)
                    self._races[target.location] = race
                create = partial(self._create, item, self._races[target.location])
                self._stages.add(("create", target.location), create)
        self._stages.join()
        return tuple(self._outcomes[item.name] for item in planned.keys)

    def _create(self, item: KeyPlan, race: Race) -> None:
        """Make a key; it goes on once it is certain that no other run made the same one first."""
        try:
            metadata = create_key(self._cloud, item.target, _creating(item), race.before, self._waits)
        except KeywrightError as error:
            self._finish(item, KeyOutcome(item.name, (), error))
            return
        if race.enter(item.name, metadata, lambda found: self._settled(item, metadata, found)):
            self._stages.add("settle", partial(self._settle, race))

    def _settle(self, race: Race) -> None:
        if race.look():
            self._stages.add("settle", partial(self._settle, race))

    def _settled(self, item: KeyPlan, own: KeyMetadata, found: KeyMetadata | KeywrightError) -> None:
        if isinstance(found, KeywrightError):
            self._finish(item, KeyOutcome(item.name, (), found))
        elif found.arn == own.arn:
            self._begin(item, found)
        else:
            self._stages.add("take over", partial(self._take_over, item, found))

    def _take_over(self, item: KeyPlan, winner: KeyMetadata) -> None:
        """Go on with the key that another run made first: what it still needs follows from what it is by now."""
        target, service = item.target, item.target.service(self._cloud)
        try:
            live = self._waits.visible(lambda: read_key(service, target, winner.arn, None))
        except KeywrightError as error:
            self._finish(item, KeyOutcome(item.name, (), error))
            return
        state = replace(item.state, keys=(live,) if live else ())
        self._begin(KeyPlan(target, state, plan(target, state)))

    def _replicate_home(self, item: KeyPlan) -> None:
        try:
            metadata = replicate_home(self._cloud, item.target, _creating(item), self._waits)
        except KeywrightError as error:
            self._finish(item, KeyOutcome(item.name, (), error))
        else:
            self._begin(item, metadata)

    def _begin(self, item: KeyPlan, created: KeyMetadata | None = None) -> None:
        """Go on with a key that is there."""
        applied: list[str] = []
        state, steps = item.state, item.steps
        if created is not None:
            applied.append(f"created {created.arn}")
            self._outlook.done(item.target, _creating(item))
            self._report.say(item.name, applied[0])
            state = as_created(item.target, state, created)
            steps = tuple(step for step in steps if step.action != "create")
        work = _Work(self._cloud, item.target, state, self._report, self._waits, applied)
        try:
            _refuse_refused(item.target, steps)
        except KeywrightError as error:
            self._finish(item, KeyOutcome(item.name, (), error))
            return
        self._go_on(item, work, deque(steps), created=created is not None)

    def _go_on(self, item: KeyPlan, work: _Work, steps: deque[Step], *, created: bool) -> None:
        """Hand the next step to the workers of the request quota that it draws on."""
        stage = (steps[0].action, item.target.location_in(steps[0].region)) if steps else "confirm"
        self._stages.add(stage, partial(self._do_next, item, work, steps, created=created))

    def _do_next(self, item: KeyPlan, work: _Work, steps: deque[Step], *, created: bool) -> None:
        error: KeywrightError | None = None
        try:
            if steps:
                step = steps.popleft()
                work.carry_out(step)
                self._outlook.done(item.target, step)
                self._go_on(item, work, steps, created=created)
                return
            if item.steps:
                wait_consistent(self._cloud, item.target, work.state, item.steps, waits=self._waits)
        except KeywrightError as failure:
            error = failure
        self._finish(item, KeyOutcome(item.name, tuple(work.applied), error, created))

    def _finish(self, item: KeyPlan, outcome: KeyOutcome) -> None:
        if outcome.error is not None and not isinstance(outcome.error, Interrupted):
            self._report.fail(item.name, outcome.error)
        self._outcomes[item.name] = outcome
        self._outlook.through(item.name)
        self._report.advance()


def _creating(item: KeyPlan) -> Step:
    return next(step for step in item.steps if step.action == "create")


def carry_out(
    cloud: Cloud,
    target: Target,
    state: KeyState,
    steps: Iterable[Step],
    report: Report,
    waits: Waits,
    applied: list[str],
) -> None:
    """Carry out the steps of a key that is there; `applied` gets each one as it is done.

    Raises:
        KeywrightError: with every reason, if the plan refuses; else the failure of a step.
    """
    wanted = tuple(steps)
    _refuse_refused(target, wanted)
    work = _Work(cloud, target, state, report, waits, applied)
    for step in wanted:
        work.carry_out(step)


def _refuse_refused(target: Target, steps: Iterable[Step]) -> None:
    """Raise with every reason, if a plan refuses to touch its key."""
    refused = [step for step in steps if step.action == "refuse"]
    if refused:
        raise KeywrightError(
            f"`{target.name}` was left alone: " + "; ".join(step.summary for step in refused),
            "; ".join(dict.fromkeys(step.reason for step in refused)),
        )


@dataclass(frozen=True)
class _Work:
    """One key being worked on; `applied` gets each step as it is done."""

    cloud: Cloud
    target: Target
    state: KeyState
    report: Report
    waits: Waits
    applied: list[str]

    def carry_out(self, step: Step) -> None:
        """Carry out one step, and say so."""
        self.waits.check()
        self._do(step)
        self.applied.append(step.applied)
        self.report.say(self.target.name, step.applied)

    def _do(self, step: Step) -> None:  # noqa: C901, PLR0912 - one case an action
        waits, service = self.waits, self.target.service(self.cloud, step.region)
        key_id = self.state.live[0].metadata.key_id
        match step.action, step.after, step.before:
            case "discard", str(duplicate), _:
                discard(service, duplicate, None, waits)
            case "enable", _, _:
                waits.visible(lambda: service.enable_key(key_id), after="pending deletion")
            case "disable", _, _:
                waits.visible(lambda: service.disable_key(key_id))
            case "describe", str(text), _:
                waits.visible(lambda: service.update_description(key_id, text))
            case "policy", str(text), str(before):
                self._put_policy(service, key_id, text, before)
            case "tag", dict(tags), _:
                waits.visible(lambda: service.tag(key_id, tags))
            case "untag", _, dict(tags):
                waits.visible(lambda: service.untag(key_id, tags))
            case "rotate", int(days), _:
                waits.visible(lambda: service.enable_rotation(key_id, days), after="disabled")
            case "stop-rotation", _, _:
                waits.visible(lambda: service.disable_rotation(key_id), after="disabled")
            case "alias", str(alias), _:
                create_alias(service, alias, key_id, waits)
            case "move-alias", str(alias), str(holder):
                move_alias(service, alias, key_id, holder, waits)
            case "unalias", _, str(alias):
                delete_alias(service, alias, key_id)
            case "create-grant", dict(grant), _:
                create_grant(service, key_id, grant, waits)
            case "revoke-grant", _, dict(grant):
                revoke_grant(service, key_id, grant["grant_id"])
            case "replicate", dict(carried), _:
                replicate(self.cloud, self.target, self._primary(), step.region, carried, waits)
            case _:
                raise AssertionError(step)

    def _put_policy(self, service: KeyService, key_id: str, text: str, before: str) -> None:
        """Replace a policy, unless somebody has done so since it was read: KMS has no conditional write."""
        waits = self.waits
        now = canonical_statements(waits.visible(lambda: service.policy(key_id)))
        if now == canonical_statements(text):
            return
        if now != canonical_statements(before):
            raise KeywrightError(
                f"somebody has changed the policy of {key_id} in {service.region} since it was read",
                "run `keywright plan` again and look at what it shows",
            )
        bypass = self.target.key.bypass_policy_lockout_safety_check
        write_policy(
            self.cloud,
            self.target,
            text,
            waits,
            lambda: waits.visible(lambda: service.put_policy(key_id, text, bypass=bypass)),
        )

    def _primary(self) -> KeyMetadata:
        live = self.state.live[0]
        if live.primary_region == live.metadata.region:
            return live.metadata
        return self.target.service(self.cloud, live.primary_region).describe(live.metadata.key_id)
