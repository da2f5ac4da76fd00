"""Finding a stack's keys in one place: a bulk listing, and a closer look at keys that its index doesn't have yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from keywright._internal.aws import AccessDenied, AliasEntry, KeyService, NotFound, TaggedKey, Unsupported
from keywright._internal.lifecycle.parallel import both, on_each
from keywright._internal.lifecycle.target import KEY_TAG, STACK_TAG

_AWS_MANAGED = "alias/aws/"


@dataclass(frozen=True)
class Listing:
    """What the listings of one place show.

    Args:
        stack: tags by ARN of the keys that carry the stack's tag.
        aliases: every alias, with its key.
        known: every key of the account there that was seen with its tags, or is AWS's own; None where that
            wasn't needed.
        unreadable: keys that might be the stack's, but whose tags the caller may not read.
    """

    stack: Mapping[str, Mapping[str, str]]
    aliases: Mapping[str, str | None] = field(default_factory=dict)
    known: frozenset[str] | None = None
    unreadable: tuple[str, ...] = ()

    def of_name(self, name: str) -> tuple[str, ...]:
        """The ARNs of the keys that carry this name."""
        return self._by_name.get(name, ())

    def of_key_id(self, key_id: str) -> str | None:
        """The ARN of the stack's key with this id: of a multi-Region key, its member of the family here."""
        return self._by_key_id.get(key_id)

    def aliases_of(self, key_ids: Collection[str]) -> frozenset[str]:
        """The aliases that these keys have."""
        return frozenset(alias for key_id in key_ids for alias in self._aliases_by_key_id.get(key_id, ()))

    @cached_property
    def _by_name(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for arn in sorted(self.stack):
            found[self.stack[arn].get(KEY_TAG, "")].append(arn)
        return {name: tuple(arns) for name, arns in found.items()}

    @cached_property
    def _by_key_id(self) -> Mapping[str, str]:
        return {arn.partition(":key/")[2]: arn for arn in self.stack}

    @cached_property
    def _aliases_by_key_id(self) -> Mapping[str | None, list[str]]:
        found: dict[str | None, list[str]] = defaultdict(list)
        for alias, key_id in self.aliases.items():
            found[key_id].append(alias)
        return dict(found)


def list_place(
    service: KeyService,
    stack: str,
    names: Collection[str],
    *,
    with_aliases: bool,
    seen: Callable[[Sequence[TaggedKey]], None] = lambda _: None,
) -> Listing:
    """The listings of a place: one page a hundred keys of the stack, and one a hundred aliases.

    Where the index of the tagging API lacks one of the names, every key that KMS lists and the index doesn't is
    asked for its tags: once a run, and only then.

    Args:
        service: the place.
        stack: the stack's name.
        names: the keys that should be there.
        with_aliases: whether the aliases are wanted.
        seen: told of the stack's keys, page by page, as the tagging API lists them.
    """
    aliases, indexed = both(
        lambda: service.aliases() if with_aliases else (), lambda: _indexed(service, {STACK_TAG: stack}, seen)
    )
    found = {item.arn: item.tags for item in indexed or ()}
    known: frozenset[str] | None = None
    unreadable: tuple[str, ...] = ()
    found_names = {tags.get(KEY_TAG) for tags in found.values()}
    if any(name not in found_names for name in names):
        arns = frozenset(service.key_arns())
        elsewhere = () if indexed is None else _indexed(service, None) or ()
        # Another run may have made one of them since the first listing.
        found |= {item.arn: item.tags for item in elsewhere if item.tags.get(STACK_TAG) == stack}
        unindexed = sorted(arns - {item.arn for item in elsewhere if item.tags} - _managed_by_aws(aliases, arns))
        more, unreadable = tags_of(service, unindexed)
        found |= {arn: tags for arn, tags in more.items() if tags.get(STACK_TAG) == stack}
        known = arns - {arn for arn in unindexed if not more.get(arn)}
    return Listing(found, {item.name: item.target_key_id for item in aliases}, known, unreadable)


def _indexed(
    service: KeyService, tags: Mapping[str, str] | None, seen: Callable[[Sequence[TaggedKey]], None] = lambda _: None
) -> tuple[TaggedKey, ...] | None:
    """What the tagging API lists; None where the caller may not use it, or the endpoint doesn't have it."""
    try:
        return service.tagged_keys(tags, seen)
    except (AccessDenied, Unsupported):
        return None


def _managed_by_aws(aliases: Collection[AliasEntry], arns: Collection[str]) -> frozenset[str]:
    ids = {item.target_key_id for item in aliases if item.name.startswith(_AWS_MANAGED)}
    return frozenset(arn for arn in arns if arn.partition(":key/")[2] in ids)


def tags_of(service: KeyService, arns: Collection[str]) -> tuple[dict[str, Mapping[str, str]], tuple[str, ...]]:
    """The tags of keys as KMS has them, and the keys whose tags the caller may not read. Deleted keys are left out."""

    def read(arn: str) -> tuple[str, Mapping[str, str] | None, bool]:
        try:
            return arn, service.tags(arn), False
        except NotFound:
            return arn, None, False
        except AccessDenied:
            return arn, None, True

    answers = on_each(arns, read)
    tags = {arn: found for arn, found, _ in answers if found is not None}
    return tags, tuple(arn for arn, _, denied in answers if denied)
