"""Which keys of a snapshot a person means: by ARN, id, alias or tag, or all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from keywright._internal.model.arn import Arn
from keywright.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keywright._internal.estate.snapshot import ScannedKey

_KEY_ID = re.compile(r"(mrk-)?[0-9a-f-]{32,36}")


@dataclass(frozen=True, slots=True)
class Selector:
    """One way to name keys."""

    kind: Literal["arn", "id", "alias", "tag"]
    text: str
    region: str | None = None
    """The Region that it is bound to, where it names one."""

    def matches(self, key: ScannedKey) -> bool:
        """Whether a key is meant."""
        match self.kind:
            case "arn":
                return key.arn == self.text
            case "id":
                return key.location.key_id == self.text
            case "alias":
                return self.text in key.aliases and self.region in {None, key.location.region}
            case "tag":
                name, has_value, value = self.text.partition("=")
                return name in key.tags and (not has_value or key.tags[name] == value)


def read_selector(text: str) -> Selector:
    """A selector as a person writes it.

    Raises:
        UsageError: it is none.
    """
    arn = Arn.find(text)
    if arn is not None and arn.service == "kms" and arn.resource.startswith("key/"):
        return Selector("arn", text, arn.region)
    if arn is not None and arn.service == "kms" and arn.resource.startswith("alias/"):
        return Selector("alias", arn.resource, arn.region)
    if text.startswith("alias/"):
        return Selector("alias", text)
    if text.startswith("tag:") and len(text) > len("tag:"):
        return Selector("tag", text.removeprefix("tag:"))
    if _KEY_ID.fullmatch(text):
        return Selector("id", text)
    raise UsageError(f"`{text}` names no key", "write an ARN, a key id, `alias/NAME`, or `tag:NAME=VALUE`")


def select(keys: Iterable[ScannedKey], selectors: Sequence[Selector]) -> tuple[ScannedKey, ...]:
    """The keys that are meant; all of them where there is no selector.

    Raises:
        UnknownName: a selector matches no key.
    """
    listed = tuple(keys)
    if not selectors:
        return listed
    for selector in selectors:
        if not any(selector.matches(key) for key in listed):
            raise UnknownName(
                f"no key matches `{selector.text}`", "check the name, and the Regions and account that were read"
            )
    return tuple(key for key in listed if any(selector.matches(key) for selector in selectors))
