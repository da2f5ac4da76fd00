"""What is on AWS for a stack: bulk listings a Region, then at most four reads a key.

A key is described, its policy and rotation are read. Its tags come from the tagging API's bulk listing, and from
KMS itself only where the listing, which lags, isn't what the file says, so that nothing is done on stale tags.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

from keywright._internal.aws import AccessDenied, Cloud, KeyService, NotFound
from keywright._internal.lifecycle.discovery import Listing, list_place
from keywright._internal.lifecycle.early_reading import EarlyReading
from keywright._internal.lifecycle.key_reading import family_of, is_of, read_listed
from keywright._internal.lifecycle.key_state import AliasHolder, KeyState, LiveKey
from keywright._internal.lifecycle.parallel import on_each
from keywright._internal.lifecycle.reporting import Report, Silent
from keywright._internal.lifecycle.target import DUPLICATE_TAG, KEY_TAG, RETIRED_TAG, STACK_TAG, Target
from keywright._internal.lifecycle.undeclared import UndeclaredKey, find_undeclared
from keywright._internal.model.key_location import KeyLocation
from keywright.errors import KeywrightError


@dataclass(frozen=True, slots=True)
class Observation:
    """All that was read, by key name.

    Args:
        states: of each key that could be read.
        failures: why others couldn't be.
        listings: what was listed, by place.
        undeclared: keys of the stack that are no longer declared; only where asked for.
    """

    states: Mapping[str, KeyState]
    failures: Mapping[str, KeywrightError] = field(default_factory=dict)
    listings: Mapping[KeyLocation, Listing] = field(default_factory=dict)
    undeclared: tuple[UndeclaredKey, ...] = ()


def observe(
    cloud: Cloud,
    wanted: Iterable[Target],
    *,
    fresh_tags: bool = False,
    all_targets: Collection[Target] | None = None,
    declared: Collection[str] | None = None,
    report: Report | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Observation:
    """Read the live state of the targets.

    Args:
        cloud: AWS.
        wanted: the keys to read.
        fresh_tags: read every key's tags from KMS itself, and its grants, also where it declares none.
        all_targets: all keys of the file, where `wanted` is a part of them.
        declared: the names of all keys of the file, if keys of the stack beside them are to be looked for.
        report: told how it goes on.
        meanwhile: done while AWS is waited for.

    Raises:
        KeywrightError: if nothing could be read, for the one reason.
    """
    targets, report = tuple(wanted), report or Silent()
    report.begin("reading", len(targets))
    everything = tuple(all_targets or targets)
    homes = {item.location for item in targets}
    abroad = {item.location_in(region) for item in targets for region in item.key.replica_regions} - homes

    roles = {item.location.account: item.key.assume_role_arn for item in reversed(targets)}

    def listed(place: KeyLocation, early: EarlyReading) -> tuple[KeyLocation, Listing | KeywrightError]:
        names = [item.name for item in targets if item.location == place]
        try:
            service, seen = cloud.keys(place.region, roles[place.account]), partial(early.begin, place)
            return place, list_place(service, targets[0].stack, names, with_aliases=place in homes, seen=seen)
        except KeywrightError as error:
            return place, error

    def read(readers: _Readers, target: Target) -> KeyState | KeywrightError:
        failed = answers[target.location]
        if isinstance(failed, KeywrightError):
            return failed
        try:
            return readers.observed(target)
        except KeywrightError as error:
            return error
        finally:
            report.advance()

    read_one = partial(read_listed, cloud, fresh_tags=fresh_tags)
    with EarlyReading(targets, lambda target, item: read_one(target, item.arn, item.tags)) as early:
        places = sorted(homes | abroad, key=str)
        answers = dict(on_each(places, lambda place: listed(place, early), meanwhile=meanwhile, interrupted=early.stop))
        listings = {place: answer for place, answer in answers.items() if isinstance(answer, Listing)}
        readers = _Readers(cloud, listings, everything, read_one, early)
        states_by_name = on_each(targets, partial(read, readers), interrupted=early.stop)
    results = dict(zip((item.name for item in targets), states_by_name, strict=True))
    failures = {name: item for name, item in results.items() if isinstance(item, KeywrightError)}
    if failures and len(failures) == len(targets) and len({type(item) for item in failures.values()}) == 1:
        raise next(iter(failures.values()))
    states = {name: item for name, item in results.items() if isinstance(item, KeyState)}
    undeclared = () if declared is None else find_undeclared(cloud, listings, roles, declared)
    return Observation(states, failures, listings, undeclared)


@dataclass(frozen=True)
class _Readers:
    cloud: Cloud
    listings: Mapping[KeyLocation, Listing]
    all_targets: tuple[Target, ...]
    read_one: Callable[[Target, str, Mapping[str, str] | None], LiveKey | None]
    early: EarlyReading

    @cached_property
    def _declaring(self) -> Mapping[tuple[KeyLocation, str], frozenset[str]]:
        """The names of the keys that declare an alias of a place."""
        found: dict[tuple[KeyLocation, str], frozenset[str]] = {}
        for target in self.all_targets:
            for alias in target.key.aliases:
                place = (target.location, alias)
                found[place] = found.get(place, frozenset()) | {target.name}
        return found

    @cached_property
    def _named(self) -> frozenset[tuple[KeyLocation, str]]:
        return frozenset((target.location, target.name) for target in self.all_targets)

    def observed(self, target: Target) -> KeyState:
        arns = self.listings[target.location].of_name(target.name)
        keys = tuple(item for arn in arns if (item := self._own(target, target.location, arn)) is not None)
        return self.completed(target, keys)

    def completed(self, target: Target, keys: tuple[LiveKey, ...]) -> KeyState:
        """The keys with all that belongs to them."""
        replicas: dict[str, LiveKey] = {}
        relatives: dict[str, str] = {}
        for key in keys:
            for arn in sorted({*family_of(key), *self._listed_abroad(target, key)}):
                region = KeyLocation.of_arn(arn).region
                replica = self._relative(target, target.location_in(region), arn)
                if replica is not None:
                    replicas[region] = replica
                else:
                    relatives[region] = arn
        family = {item.metadata.arn for item in (*keys, *replicas.values())} | set(relatives.values())
        aliases = self._aliases(target, keys)
        claimed = frozenset(
            alias for alias in aliases if self._declaring.get((target.location, alias), frozenset()) - {target.name}
        )
        elsewhere = () if keys else self._elsewhere(target, family)
        return KeyState(keys, replicas, aliases, relatives, elsewhere, claimed)

    def _own(self, target: Target, place: KeyLocation, arn: str) -> LiveKey | None:
        listing = self.listings.get(place)
        listed = listing.stack.get(arn) if listing else None
        begun = self.early.begun(arn, listed)
        return self.read_one(target, arn, listed) if begun is None else begun.result()

    def _relative(self, target: Target, place: KeyLocation, arn: str) -> LiveKey | None:
        """A key of the family, if it is this key's own replica; its tags tell."""
        if place.region not in target.key.replica_regions:
            listing = self.listings.get(place)
            tags = listing.stack.get(arn) if listing else None
            try:
                tags = target.service(self.cloud, place.region).tags(arn) if tags is None else tags
            except (NotFound, AccessDenied):
                return None
            if not is_of(target, tags):
                return None
        return self._own(target, place, arn)

    def _listed_abroad(self, target: Target, key: LiveKey) -> Iterator[str]:
        """Replicas of the key that listings of their Regions show, whether or not its description names them."""
        for region in target.key.replica_regions:
            listing = self.listings.get(target.location_in(region))
            arn = listing.of_key_id(key.metadata.key_id) if listing else None
            if arn is not None and arn != key.metadata.arn:
                yield arn

    def _elsewhere(self, target: Target, family: Collection[str]) -> tuple[str, ...]:
        """Live keys of this name in the other Regions that were listed: the file may have moved it."""
        found: list[str] = []
        for place, listing in self.listings.items():
            if place.account != target.location.account or place.region == target.location.region:
                continue
            if place.region in target.key.replica_regions:
                continue
            for arn in listing.of_name(target.name):
                if arn not in family and DUPLICATE_TAG not in listing.stack[arn]:
                    try:
                        state = target.service(self.cloud, place.region).describe(arn).state
                    except NotFound:
                        continue
                    if not state.startswith("Pending"):
                        found.append(arn)
        return tuple(sorted(found))

    def _aliases(self, target: Target, keys: tuple[LiveKey, ...]) -> dict[str, AliasHolder]:
        """The aliases that matter to the target. The listing lags: what isn't as declared is looked up."""
        listing = self.listings[target.location]
        listed = listing.aliases
        service = target.service(self.cloud)
        own = {item.metadata.key_id for item in keys}
        live = {item.metadata.key_id for item in keys if not item.pending_deletion and not item.duplicate}
        relevant = {*target.key.aliases, *listing.aliases_of(own)}
        found: dict[str, AliasHolder] = {}
        for name in sorted(relevant):
            key_id = listed.get(name)
            as_declared = (key_id in live) == (name in target.key.aliases)
            if as_declared or (not live and name not in listed):
                if name in listed:
                    found[name] = AliasHolder(key_id)
                continue
            try:
                metadata = service.describe(name)
            except NotFound:
                continue
            except AccessDenied:
                if name in listed:
                    found[name] = AliasHolder(key_id)
                continue
            foreign = metadata.key_id not in own
            sibling = self._sibling(target, metadata.arn) if foreign else None
            identity = _identity(service, metadata.arn) if foreign and sibling is None else ""
            found[name] = AliasHolder(metadata.key_id, metadata.state, sibling, identity)
        return found

    def _sibling(self, target: Target, arn: str) -> str | None:
        """The name of another key of the file, or of what the target has replaced, if the ARN is that one's."""
        tags = self.listings[target.location].stack.get(arn) or {}
        name = tags.get(KEY_TAG) or tags.get(RETIRED_TAG)
        return name if name is not None and (target.location, name) in self._named else None


def _identity(service: KeyService, arn: str) -> str:
    """The stack and the name of a key, as `keywright rename` takes them; empty where there are none to be seen."""
    try:
        tags = service.tags(arn)
    except (NotFound, AccessDenied):
        return ""
    return f"{tags[STACK_TAG]}/{tags[KEY_TAG]}" if STACK_TAG in tags and KEY_TAG in tags else ""
