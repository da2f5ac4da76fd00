"""Gives keys that are there another name: moves their identity tags, and touches nothing else.

For a key or a stack whose name in the file has changed: the old name's keys would be left over, and new ones made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from keywright._internal.aws import AwsError, Cloud, Patience
from keywright._internal.facts.offerings import partition_of_region
from keywright._internal.lifecycle.parallel import on_each
from keywright._internal.lifecycle.reporting import KeyOutcome, Report
from keywright._internal.lifecycle.target import DUPLICATE_TAG, KEY_TAG, STACK_TAG
from keywright._internal.lifecycle.waiting import NotVisibleYet, Waits
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.stack import NAME
from keywright.errors import InputError, KeywrightError, UnknownName, UsageError

_PATIENCE_IN_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Identity:
    """A stack, or one key of it."""

    stack: str
    key: str | None

    @classmethod
    def parse(cls, text: str) -> Identity:
        """Read `STACK` or `STACK/KEY`.

        Raises:
            UsageError: it is neither.
        """
        stack, slash, key = text.partition("/")
        if not NAME.fullmatch(stack) or (slash and not NAME.fullmatch(key)):
            raise UsageError(f"`{text}` names no stack and no key", "write `STACK` or `STACK/KEY`")
        return cls(stack, key or None)

    def __str__(self) -> str:
        return f"{self.stack}/{self.key}" if self.key else self.stack


@dataclass(frozen=True, slots=True)
class Rename:
    """One key or replica whose tags move."""

    arn: str
    before: Identity
    after: Identity

    @property
    def tags(self) -> dict[str, str]:
        """The tags that it gets."""
        key = {KEY_TAG: self.after.key} if self.after.key else {}
        return {STACK_TAG: self.after.stack, **key}

    @property
    def summary(self) -> str:
        """For people."""
        return f"rename {self.arn} from {self.before} to {self.after}"


@dataclass(frozen=True, slots=True)
class Renames:
    """What a renaming would do.

    Args:
        members: keys and replicas, by ARN.
        unsearched: the Regions that couldn't be searched, with why.
    """

    members: tuple[Rename, ...] = ()
    unsearched: Mapping[str, str] = field(default_factory=dict)


def _check_names(old: Identity, new: Identity) -> None:
    if (old.key is None) != (new.key is None):
        raise UsageError("a stack can't become a key, nor a key a stack", "write two stacks, or two keys")
    if old == new:
        raise UsageError("the new name is the old one", "write another")


def find_renames(
    cloud: Cloud, old: Identity, new: Identity, *, region: str | None = None, role_arn: str | None = None
) -> Renames:
    """Look for the keys of the old name, in every Region of the caller's partition or in one.

    Raises:
        UsageError: a stack would become a key, or a key a stack, or the names are the same.
        InputError: keys of the new name are there already, which are others.
        UnknownName: there are no keys of the old name, nor of the new one.
    """
    _check_names(old, new)
    caller = cloud.caller(role_arn, region=region)
    regions = [region] if region else [name for name, part in partition_of_region().items() if part == caller.partition]

    def look(place: str) -> tuple[str, list[tuple[str, Mapping[str, str]]] | AwsError]:
        service = cloud.keys(place, role_arn, patience=Patience(_PATIENCE_IN_SECONDS))
        try:
            stacks = dict.fromkeys((old.stack, new.stack))
            arns = {item.arn for stack in stacks for item in service.tagged_keys({STACK_TAG: stack})}
            return place, [(arn, service.tags(arn)) for arn in sorted(arns)]
        except AwsError as error:
            return place, error

    members: list[Rename] = []
    there: dict[Identity, set[str]] = {}
    unsearched: dict[str, str] = {}
    for place, answer in on_each(regions, look):
        if isinstance(answer, AwsError):
            unsearched[place] = answer.code or answer.message
            continue
        for arn, tags in answer:
            now = Identity(tags.get(STACK_TAG, ""), tags.get(KEY_TAG))
            if now.stack == old.stack and (old.key is None or now.key == old.key) and DUPLICATE_TAG not in tags:
                members.append(Rename(arn, now, Identity(new.stack, new.key or now.key)))
            elif now.stack:
                there.setdefault(now, set()).add(arn)
    _refuse_taken(members, there)
    if not members and not any(new in (item, Identity(item.stack, None)) for item in there):
        raise UnknownName(
            f"no key is named {old}",
            "names are the tags `keywright:stack` and `keywright:key`; a new key is listed late",
        )
    return Renames(tuple(members), unsearched)


def _refuse_taken(members: Iterable[Rename], there: Mapping[Identity, set[str]]) -> None:
    taken = {
        item.after: others
        for item in members
        if item.after.key
        and (others := {arn for arn in there.get(item.after, ()) if _key_id(arn) != _key_id(item.arn)})
    }
    if taken:
        which = "; ".join(f"{name} is {', '.join(sorted(arns))}" for name, arns in taken.items())
        raise InputError(f"the new name is taken: {which}", "choose another name, or rename that key first")


def _key_id(arn: str) -> str | None:
    return KeyLocation.of_arn(arn).key_id


def rename(
    cloud: Cloud, renames: Renames, report: Report, waits: Waits | None = None, *, role_arn: str | None = None
) -> tuple[KeyOutcome, ...]:
    """Move the tags, one call a key; an interrupted run is repeated."""
    waits = waits or Waits()
    report.begin("renaming", len(renames.members))

    def work(item: Rename) -> KeyOutcome:
        service = cloud.keys(KeyLocation.of_arn(item.arn).region, role_arn)
        try:
            service.tag(item.arn, item.tags)
            shown = waits.until(
                lambda: item.tags.items() <= service.tags(item.arn).items() or None,
                what=f"KMS to show the new tags of {item.arn}",
            )
            if shown is None:
                seconds = f"{waits.seconds:.0f} seconds"
                raise NotVisibleYet(f"KMS doesn't show the new tags of {item.arn} after {seconds}", "run it again")
        except KeywrightError as error:
            return KeyOutcome(item.arn, (), error)
        finally:
            report.advance()
        done = f"renamed from {item.before} to {item.after}"
        report.say(item.arn, done)
        return KeyOutcome(item.arn, (done,))

    return tuple(on_each(renames.members, work, waits))
