"""The tagging API's index, which lags behind KMS where that is asked for.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Tags = tuple[tuple[str, str], ...]

TAGGING = frozenset({"CreateKey", "ReplicateKey", "TagResource", "UntagResource"})
"""Operations after which a key has other tags."""


@dataclass(slots=True)
class TagIndex:
    """What the index has of each key, and since when.

    Args:
        lag: for how many seconds a change doesn't show.
        clock: seconds that never go back.
    """

    lag: float = 0.0
    clock: Callable[[], float] = time.monotonic
    _history: dict[str, list[tuple[float, Tags]]] = field(default_factory=dict)

    def note(self, arn: str, tags: Mapping[str, str]) -> None:
        """A key has these tags from now on."""
        self._history.setdefault(arn, []).append((self.clock(), tuple(sorted(tags.items()))))

    def shown(self, entries: list[dict[str, Any]], filters: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The entries of a listing without filters, as the index has them, that pass the filters."""
        lagging = (self._lagging(entry) for entry in entries)
        return [entry for entry in lagging if all(_passes(entry["Tags"], item) for item in filters)]

    def _lagging(self, entry: dict[str, Any]) -> dict[str, Any]:
        history = self._history.get(entry["ResourceARN"])
        if history is None:
            return entry
        known = [tags for since, tags in history if since <= self.clock() - self.lag]
        return {**entry, "Tags": [{"Key": name, "Value": value} for name, value in (known[-1] if known else ())]}


def _passes(tags: list[dict[str, str]], wanted: dict[str, Any]) -> bool:
    values = wanted.get("Values") or []
    return any(tag["Key"] == wanted["Key"] and (not values or tag["Value"] in values) for tag in tags)
