"""Schedules the deletion of a stack's keys. Nothing is gone before the waiting period ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from keywright._internal.aws import Cloud, InvalidState, LastUsage, NotFound, Quota
from keywright._internal.lifecycle.aliases import delete_alias
from keywright._internal.lifecycle.impact import MOST_WITH_LAST_USE, words_for
from keywright._internal.lifecycle.key_state import PENDING, KeyState, LiveKey
from keywright._internal.lifecycle.observation import Observation
from keywright._internal.lifecycle.outlook import Outlook
from keywright._internal.lifecycle.parallel import CHANGING_WORKERS, on_each
from keywright._internal.lifecycle.reporting import KeyOutcome, Report
from keywright._internal.lifecycle.target import Target
from keywright._internal.lifecycle.waiting import Interrupted, Waits
from keywright.errors import InputError, KeywrightError, UnknownName

COST = "free until then: AWS doesn't charge for a key pending deletion, but does for that time if it is restored"

_CONSEQUENCES = {
    "ENCRYPT_DECRYPT": "all that it encrypted becomes unreadable",
    "SIGN_VERIFY": "nothing can be signed with it, and KMS verifies nothing that it signed",
    "GENERATE_VERIFY_MAC": "no MAC can be made with it, or verified",
    "KEY_AGREEMENT": "no secret can be agreed with it",
}


@dataclass(frozen=True, slots=True)
class Loss:
    """What goes with one key or replica."""

    name: str
    arn: str
    description: str
    aliases: tuple[str, ...]
    window_in_days: int
    usage: str
    last_usage: LastUsage | None

    @property
    def summary(self) -> str:
        """For people."""
        known = f", alias {', '.join(self.aliases)}" if self.aliases else ""
        described = f" (`{self.description[:60]}`)" if self.description else ""
        what = f"{self.name}: {self.arn}{known}{described}"
        return f"{what}: {_CONSEQUENCES[self.usage]}; {words_for(self.last_usage)}"

    def as_document(self) -> dict[str, Any]:
        """For `--json`."""
        used = self.last_usage.used_at if self.last_usage else None
        return {
            "arn": self.arn,
            "aliases": list(self.aliases),
            "window_in_days": self.window_in_days,
            "last_used": used.isoformat() if used else None,
        }


def choose(
    states: Mapping[str, KeyState], *, key_id: str | None = None, replica: str | None = None
) -> dict[str, KeyState]:
    """What is to be deleted of each key.

    Args:
        states: what AWS shows, by key.
        key_id: of several keys of one identity, the one that is meant; the others stay, and all other keys.
        replica: the Region whose replicas alone are meant; the keys stay.

    Raises:
        InputError: several live keys have one identity and none was named, or what was named isn't there.
    """
    if key_id is not None:
        bare = key_id.rpartition("/")[2]
        states = {name: state for name, item in states.items() if (state := item.only(bare)).keys}
        if not states:
            raise UnknownName(f"no key of the configuration has the key ID `{bare}`", "see `keywright plan`")
    if replica is not None:
        there = {name: replace(item, keys=()).only_in(replica) for name, item in states.items()}
        states = {name: item for name, item in there.items() if item.replicas}
        if not states:
            raise UnknownName(f"there is no replica in `{replica}`", "see `keywright output`")
    several = {name: item.live for name, item in states.items() if len(item.live) > 1}
    if several:
        which = "; ".join(f"`{name}`: {', '.join(key.metadata.arn for key in keys)}" for name, keys in several.items())
        raise InputError(
            f"several live keys have one identity, and nothing was done: {which}",
            "pass --key-id with the one to delete; nobody but you knows which one holds data",
        )
    return dict(states)


def losses(cloud: Cloud, targets: Iterable[Target], observation: Observation) -> tuple[Loss, ...]:
    """Everything that becomes unusable, with the last use of each key where that can be read."""
    doomed = [
        (target, state, key)
        for target in targets
        if (state := observation.states.get(target.name)) is not None
        for key in _doomed(state)
    ]

    def look(item: tuple[Target, KeyState, LiveKey]) -> Loss:
        target, state, key = item
        metadata = key.metadata
        usage: LastUsage | None = None
        if len(doomed) <= MOST_WITH_LAST_USE:
            try:
                usage = target.service(cloud, metadata.region).last_usage(metadata.key_id)
            except KeywrightError:
                usage = None  # evidence is wanted, not needed
        own = metadata.region == target.location.region
        return Loss(
            target.name,
            metadata.arn,
            metadata.description,
            state.held(metadata.key_id) if own else (),
            _window(target, metadata.region),
            metadata.usage,
            usage,
        )

    return tuple(on_each(doomed, look))


def _doomed(state: KeyState) -> Iterator[LiveKey]:
    yield from (item for _, item in sorted(state.replicas.items()) if not item.pending_deletion)
    yield from (item for item in state.keys if not item.pending_deletion)


def _window(target: Target, region: str) -> int:
    own = target.key.replica_regions.get(region)
    return (own.deletion_window_in_days if own else None) or target.key.deletion_window_in_days


def destroy(
    cloud: Cloud, targets: Iterable[Target], observation: Observation, report: Report, waits: Waits | None = None
) -> tuple[KeyOutcome, ...]:
    """Schedule replicas first, then the primary, then take the aliases away; an interrupted run is repeated.

    Raises:
        InputError: several live keys have one identity; see `choose`.
    """
    wanted, waits = tuple(targets), waits or Waits()
    choose(observation.states)
    outlook = Outlook(cloud, {item.name: _calls(item, observation.states.get(item.name)) for item in wanted})
    report.begin("scheduling deletion", len(wanted), outlook.seconds)

    def work(target: Target) -> KeyOutcome:
        try:
            if target.name in observation.failures:
                return KeyOutcome(target.name, (), observation.failures[target.name])
            state = observation.states[target.name]
            if not state.keys and not state.replicas and state.elsewhere:
                which = ", ".join(state.elsewhere)
                error = KeywrightError(
                    f"`{target.name}` is in another Region: {which}", "write that Region in the file"
                )
                return KeyOutcome(target.name, (), error)
            return _destroy_one(cloud, target, state, report, waits)
        finally:
            outlook.through(target.name)
            report.advance()

    return tuple(on_each(wanted, work, waits, workers=CHANGING_WORKERS))


def _calls(target: Target, state: KeyState | None) -> Counter[Quota]:
    """The calls that schedule a key's deletion, by the quota that they draw on."""
    calls: Counter[Quota] = Counter()
    if state is not None:
        account, home = target.location.account, target.location.region
        calls.update(Quota(account, key.metadata.region, "ScheduleKeyDeletion") for key in _doomed(state))
        aliases = sum(len(state.held(key.metadata.key_id)) for key in state.keys)
        calls[Quota(account, home, "DeleteAlias")] = aliases
    return calls


def _destroy_one(cloud: Cloud, target: Target, state: KeyState, report: Report, waits: Waits) -> KeyOutcome:
    applied: list[str] = []

    def say(words: str) -> None:
        applied.append(words)
        report.say(target.name, words)

    try:
        for key in _doomed(state):
            waits.check()
            say(_schedule(cloud, target, key, waits))
        home = target.service(cloud)
        for key in state.keys:
            for alias in state.held(key.metadata.key_id):
                waits.check()
                if delete_alias(home, alias, key.metadata.key_id):
                    say(f"deleted alias {alias}")
    except Interrupted as error:
        return KeyOutcome(target.name, tuple(applied), error)
    except KeywrightError as error:
        report.fail(target.name, error)
        return KeyOutcome(target.name, tuple(applied), error)
    return KeyOutcome(target.name, tuple(applied))


def _schedule(cloud: Cloud, target: Target, key: LiveKey, waits: Waits) -> str:
    metadata = key.metadata
    service = target.service(cloud, metadata.region)
    window = _window(target, metadata.region)
    try:
        promised = waits.visible(lambda: service.schedule_deletion(metadata.key_id, window))
    except InvalidState:
        if service.describe(metadata.key_id).state in PENDING:  # somebody else has just done so
            return f"{metadata.arn} is already pending deletion"
        raise
    except NotFound:
        return f"{metadata.arn} is gone already"
    when = (
        f"on {promised.deletion_date:%Y-%m-%d}"
        if promised.deletion_date
        else f"{window} days after its last replica is gone"
    )
    return f"{metadata.arn} will be deleted {when}"
