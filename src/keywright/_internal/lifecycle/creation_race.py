"""One live key a name, also where several runs make it at the same moment.

KMS has no conditional create. So every run that has made keys lists the keys once more, until the listing shows its
own: by then it also shows every key made before them. Among the keys of one identity the oldest stays (of equally
old ones the first by key id); whoever made another removes it at once, before it has a name and before anybody can
have used it. Nobody removes a key that another run made.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from keywright._internal.aws import AccessDenied, Cloud, InvalidState, KeyMetadata, KeyService, NotFound
from keywright._internal.lifecycle.key_state import PENDING
from keywright._internal.lifecycle.parallel import on_each
from keywright._internal.lifecycle.target import DUPLICATE_TAG, KEY_TAG, STACK_TAG, Place
from keywright._internal.lifecycle.waiting import NotVisibleYet, Waits

SHORTEST_WINDOW_IN_DAYS = 7
_MOMENT_IN_SECONDS = 1.05
"""Keys made within such a moment can't be put in order before it is over: creation dates are taken by many machines'
clocks, some have whole seconds only, and a key is dated before it is listed."""

_TAGS_IN_SECONDS = 3.0
_NEW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Made:
    """A key that this run has made, and when, on this machine's clock."""

    metadata: KeyMetadata
    at: float


def settle(
    cloud: Cloud,
    place: Place,
    stack: str,
    made: Mapping[str, Made],
    before: Collection[str],
    waits: Waits,
    say: Callable[[str, str], None],
) -> dict[str, KeyMetadata]:
    """The one key of each name that stays; keys of ours that don't are scheduled for deletion.

    Args:
        cloud: AWS.
        place: where the keys are.
        stack: their stack.
        made: the keys that this run made, by name.
        before: the ARNs that were listed before they were made.
        waits: for how long to wait for the listing.
        say: told of every key that gave way.

    Raises:
        NotVisibleYet: if the listing doesn't show our own keys after all our patience.
    """
    service = cloud.keys(place.region, place.role_arn)
    ours = {item.metadata.arn for item in made.values()}
    _let_the_moment_pass(made.values(), waits)
    arns = waits.until(lambda: _listed(service, ours))
    if arns is None:
        raise NotVisibleYet(
            f"KMS doesn't list the keys just made in {place.region} after {waits.seconds:.0f} seconds",
            "run the same command again in a minute; it goes on from there",
        )
    oldest = min((item.metadata for item in made.values()), key=_age).creation_date
    rivals = _rivals(service, stack, sorted(arns - ours - frozenset(before)), oldest, waits)
    kept: dict[str, KeyMetadata] = {}
    for name, own in made.items():
        winner = min((own.metadata, *rivals.get(name, ())), key=_age)
        kept[name] = winner
        if winner.arn != own.metadata.arn:
            discard(service, own.metadata.key_id, winner.arn, waits)
            say(name, f"another run made {winner.arn} first; {own.metadata.arn}, never used, will be deleted")
    return kept


def discard(service: KeyService, key_id: str, winner: str | None, waits: Waits) -> None:
    """Mark a key that nobody has used as a duplicate, and schedule its deletion."""
    if winner is not None:
        waits.visible(lambda: service.tag(key_id, {DUPLICATE_TAG: winner.rpartition("/")[2]}))
    try:
        waits.visible(lambda: service.schedule_deletion(key_id, SHORTEST_WINDOW_IN_DAYS))
    except InvalidState:
        if service.describe(key_id).state not in PENDING:
            raise


def _listed(service: KeyService, ours: Collection[str]) -> frozenset[str] | None:
    arns = frozenset(service.key_arns())
    return arns if arns.issuperset(ours) else None


def _let_the_moment_pass(made: Collection[Made], waits: Waits) -> None:
    waits.pause(max(0.0, max(item.at for item in made) + _MOMENT_IN_SECONDS - time.monotonic()))


def _rivals(
    service: KeyService, stack: str, arns: list[str], made_at: datetime | None, waits: Waits
) -> dict[str, list[KeyMetadata]]:
    """Live keys of the stack among keys that nobody knew before, by name."""

    def look(arn: str) -> tuple[str, KeyMetadata] | None:
        try:
            tags = waits.visible(lambda: service.tags(arn))
            metadata = (
                waits.visible(lambda: service.describe(arn)) if not tags or tags.get(STACK_TAG) == stack else None
            )
            if not tags and metadata is not None and _as_new(metadata, made_at):
                tags = waits.until(lambda: service.tags(arn) or None, _TAGS_IN_SECONDS) or {}
        except (AccessDenied, NotFound, NotVisibleYet):
            return None  # somebody else's, or gone
        if metadata is None or tags.get(STACK_TAG) != stack or KEY_TAG not in tags or DUPLICATE_TAG in tags:
            return None
        is_replica = metadata.multi_region_type == "REPLICA"
        return None if metadata.state in PENDING or is_replica else (tags[KEY_TAG], metadata)

    found: dict[str, list[KeyMetadata]] = {}
    for answer in on_each(arns, look, waits):
        if answer is not None:
            found.setdefault(answer[0], []).append(answer[1])
    return found


def _as_new(key: KeyMetadata, made_at: datetime | None) -> bool:
    """Whether a key is so new, beside ours, that its tags may not be visible yet."""
    return key.creation_date is None or made_at is None or made_at - key.creation_date < _NEW


def _age(key: KeyMetadata) -> tuple[datetime, str]:
    return key.creation_date or datetime.max.replace(tzinfo=UTC), key.key_id
