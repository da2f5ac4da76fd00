"""What of a key is on AWS already, so that another tool takes it over in place of making it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Existing:
    """What of a key is on AWS already.

    Args:
        key_id: the key's ID.
        aliases: those of its declared aliases that it has.
        replica_regions: where its declared replicas are.
        grants: the IDs of those of its declared grants that it has, by name.
    """

    key_id: str
    aliases: tuple[str, ...] = ()
    replica_regions: tuple[str, ...] = ()
    grants: Mapping[str, str] = field(default_factory=dict)
