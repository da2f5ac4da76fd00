"""One live key a name, also where several runs make it at the same moment.

KMS has no conditional create. So every run that has made a key lists the keys once more, until the listing shows its
own: by then it also shows every key made before it. Among the keys of one identity the oldest stays (of equally
old ones the first by key ID); whoever made another removes it at once, before it has an alias and before anybody can
have used it. Nobody removes a key that another run made.

The keys of one place share their listings, and each goes on as soon as one shows it: none waits for another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from keywright._internal.aws import AccessDenied, Cloud, InvalidState, KeyMetadata, KeyService, NotFound
from keywright._internal.lifecycle.key_state import PENDING, KeyState, LiveKey
from keywright._internal.lifecycle.observation import Observation, observe
from keywright._internal.lifecycle.parallel import on_each
from keywright._internal.lifecycle.reporting import Report
from keywright._internal.lifecycle.target import DUPLICATE_TAG, KEY_TAG, STACK_TAG, Target
from keywright._internal.lifecycle.waiting import NotVisibleYet, Waits
from keywright.errors import KeywrightError

SHORTEST_WINDOW_IN_DAYS = 7
_TAGS_IN_SECONDS = 3.0
_TAGS_ARE_NEVER_LATER_SECONDS = 30.0
"""A key that shows no tags for so long was made without any, and is somebody else's."""
_NEW = timedelta(minutes=10)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 2.0
_LISTED_IN_A_SECOND = 5000
"""How many keys are listed in a second at most: else what listings cost would grow with the square of the keys."""
_RACES_END_AFTER = timedelta(seconds=10)
"""Two live keys of which the younger is older than this are no race any more: a person has to decide."""

Decided = Callable[[KeyMetadata | KeywrightError], None]


@dataclass(frozen=True, slots=True)
class _Made:
    """A key that this run has made.

    Args:
        metadata: the key.
        at: when, on this machine's clock.
        decided: told which key of the name stays, or why that can't be told.
    """

    metadata: KeyMetadata
    at: float
    decided: Decided


class Race:
    """The keys that a run makes in one place, until it is certain which ones stay.

    Args:
        service: the place.
        stack: the keys' stack.
        before: the ARNs that were listed before any was made.
        waits: for how long to wait for a listing.
        say: told of every key that gave way.
    """

    def __init__(
        self,
        service: KeyService,
        stack: str,
        before: Collection[str],
        waits: Waits,
        say: Callable[[str, str], None],
    ) -> None:
        self.before = frozenset(before)
        self._service = service
        self._stack = stack
        self._waits = waits
        self._say = say
        self._lock = threading.Lock()
        self._made: dict[str, _Made] = {}
        self._ours: set[str] = set()
        self._looking = False
        self._pause = _FIRST_PAUSE
        self._names: dict[str, str] = {}
        """Of keys that nobody knew before: the name in this stack, empty for somebody else's."""
        self._untagged: dict[str, float] = {}
        """When a key was first seen that had no tags."""

    def enter(self, name: str, metadata: KeyMetadata, decided: Decided) -> bool:
        """Take up a key that was just made; whether nobody looks at the moment, so that `look` has to be called."""
        with self._lock:
            self._made[name] = _Made(metadata, self._waits.clock(), decided)
            self._ours.add(metadata.arn)
            begins, self._looking = not self._looking, True
        return begins

    def look(self) -> bool:
        """List the keys once, and decide what the listing decides; whether it has to be called again.

        A key can't be put in order before the moment in which it was made is over: creation dates are taken by many
        machines' clocks, some have whole seconds only, and a key is dated before it is listed.
        """
        try:
            self._waits.pause(self._pause)
            self._look_once()
        except KeywrightError as error:
            with self._lock:
                names = tuple(self._made)
            for name in names:
                self._decide(name, error)
        with self._lock:
            self._looking = bool(self._made)
            return self._looking

    def _look_once(self) -> None:
        now = self._waits.clock()
        with self._lock:
            ripe = {name: made for name, made in self._made.items() if now - made.at >= self._waits.race_window}
            ours = frozenset(self._ours)
        if not ripe:
            return
        oldest = min(made.at for made in ripe.values())
        self._waits.tell("KMS to list the keys that were just created", oldest + 1, oldest + self._waits.seconds)
        arns = frozenset(self._service.key_arns())
        shown = {name: made for name, made in ripe.items() if made.metadata.arn in arns}
        wanted = _FIRST_PAUSE if shown else min(_LONGEST_PAUSE, 1.5 * self._pause)
        self._pause = max(wanted, len(arns) / _LISTED_IN_A_SECOND)
        if shown:
            rivals = self._rivals(sorted(arns - ours - self.before), shown)
            for name, made in shown.items():
                self._decide(name, self._winner(name, made.metadata, rivals.get(name, ())))
        for name, made in ripe.items():
            if name not in shown and now - made.at > self._waits.seconds:
                seconds = f"{self._waits.seconds:.0f} seconds"
                error = NotVisibleYet(
                    f"KMS doesn't list {made.metadata.arn}, which was just made, after {seconds}",
                    "run the same command again in a minute; it goes on from there",
                )
                self._decide(name, error)

    def _decide(self, name: str, answer: KeyMetadata | KeywrightError) -> None:
        with self._lock:
            made = self._made.pop(name)
        made.decided(answer)

    def _winner(self, name: str, own: KeyMetadata, rivals: Iterable[KeyMetadata]) -> KeyMetadata | KeywrightError:
        winner = min((own, *rivals), key=_age)
        if winner.arn != own.arn:
            try:
                discard(self._service, own.key_id, winner.arn, self._waits)
            except KeywrightError as error:
                return error
            self._say(name, f"another run created {winner.arn} first; {own.arn}, never used, will be deleted")
        return winner

    def _rivals(self, arns: list[str], of: Collection[str]) -> dict[str, list[KeyMetadata]]:
        """Live keys of the stack and of these names, among keys that nobody knew before."""
        with self._lock:  # other threads go on entering keys
            made = [item.metadata for item in self._made.values()]
        made_at = min(made, key=_age).creation_date

        def look(arn: str) -> tuple[str, KeyMetadata] | None:
            if arn in self._names and self._names[arn] not in of:
                return None
            found = self._look_at(arn, made_at)
            if found is not None:
                self._names[arn] = found[0]
            return found

        found: dict[str, list[KeyMetadata]] = {}
        for answer in on_each(arns, look, self._waits):
            if answer is not None:
                found.setdefault(answer[0], []).append(answer[1])
        return found

    def _look_at(self, arn: str, made_at: datetime | None) -> tuple[str, KeyMetadata] | None:
        service, waits = self._service, self._waits
        try:
            tags = waits.visible(lambda: service.tags(arn))
            if tags and tags.get(STACK_TAG) != self._stack:
                self._names[arn] = ""
                return None
            metadata = waits.visible(lambda: service.describe(arn))
            tags = tags or self._late_tags(arn, is_new=_as_new(metadata, made_at))
        except (AccessDenied, NotFound, NotVisibleYet):
            return None  # somebody else's, or gone
        if tags.get(STACK_TAG) != self._stack or KEY_TAG not in tags or DUPLICATE_TAG in tags:
            return None
        is_replica = metadata.multi_region_type == "REPLICA"
        return None if metadata.state in PENDING or is_replica else (tags[KEY_TAG], metadata)

    def _late_tags(self, arn: str, *, is_new: bool) -> dict[str, str]:
        """The tags of a key that shows none: of a new one they are waited for, once; none are late forever."""
        now, seen_at = self._waits.clock(), self._untagged.get(arn)
        if not is_new or (seen_at is not None and now - seen_at > _TAGS_ARE_NEVER_LATER_SECONDS):
            self._names[arn] = ""
        elif seen_at is None:
            self._untagged[arn] = now
            what = f"KMS to show the tags of {arn}"
            return self._waits.until(lambda: self._service.tags(arn) or None, _TAGS_IN_SECONDS, what=what) or {}
        return {}


def discard(service: KeyService, key_id: str, winner: str | None, waits: Waits) -> None:
    """Mark a key that nobody has used as a duplicate, and schedule its deletion."""
    if winner is not None:
        waits.visible(lambda: service.tag(key_id, {DUPLICATE_TAG: winner.rpartition("/")[2]}))
    try:
        waits.visible(lambda: service.schedule_deletion(key_id, SHORTEST_WINDOW_IN_DAYS))
    except InvalidState:
        if service.describe(key_id).state not in PENDING:
            raise


def _as_new(key: KeyMetadata, made_at: datetime | None) -> bool:
    """Whether a key is so new, beside ours, that its tags may not be visible yet."""
    return key.creation_date is None or made_at is None or made_at - key.creation_date < _NEW


def _age(key: KeyMetadata) -> tuple[datetime, str]:
    return key.creation_date or datetime.max.replace(tzinfo=UTC), key.key_id


def observe_settled(
    cloud: Cloud,
    targets: Iterable[Target],
    waits: Waits,
    *,
    all_targets: Collection[Target] | None = None,
    declared: Collection[str] | None = None,
    report: Report | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Observation:
    """As `observe`, again for keys that other runs are just making, until each has one live key."""
    wanted = tuple(targets)
    seen = observe(cloud, wanted, all_targets=all_targets, declared=declared, report=report, meanwhile=meanwhile)
    ends = waits.clock() + waits.seconds
    while True:
        racing = [item for item in wanted if item.name in seen.states and _races(seen.states[item.name], waits)]
        if not racing or waits.clock() > ends:
            return seen
        names = ", ".join(f"`{item.name}`" for item in racing[:3])
        waits.notice(f"the run that has just created {names} too to give way", _RACES_END_AFTER.total_seconds())
        waits.pause(_FIRST_PAUSE if waits.race_window < 1 else 1.0)
        again = observe(cloud, racing, all_targets=all_targets or wanted)
        seen = replace(
            seen,
            states={**seen.states, **again.states},
            failures={**seen.failures, **again.failures},
            listings={**seen.listings, **again.listings},
        )


def _races(state: KeyState, waits: Waits) -> bool:
    live = state.live
    if len(live) > 1:
        return min(_since_creation(item) for item in live) < _RACES_END_AFTER
    # A key so new may still lose: another, made in the same moment, may turn out to be the older one.
    return len(live) == 1 and timedelta(0) <= _since_creation(live[0]) < timedelta(seconds=waits.race_window)


def _since_creation(key: LiveKey) -> timedelta:
    made = key.metadata.creation_date
    return timedelta.max if made is None else datetime.now(UTC) - made
