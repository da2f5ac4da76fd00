"""What the keys of a stack cost a month: storage, and the versions that rotation adds.

The prices are AWS's of 2026 for its commercial Regions, in USD; other partitions have price lists of their own, so keys
there have no price here. https://aws.amazon.com/kms/pricing/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from keywright._internal.facts.offerings import partition_of_region
from keywright._internal.model.stack import Stack

KEY_MONTH: Final = 1.0
"""Of a key of any spec, enabled or not, and of each replica; free while its deletion is pending."""

ROTATION_MONTH: Final = 1.0
"""Added by the first rotation and again by the second; later ones are free."""

PAID_ROTATIONS: Final = 2
TEN_THOUSAND_REQUESTS: Final = 0.03
"""Symmetric and management requests beyond the free ones; asymmetric operations cost more and are never free."""

FREE_REQUESTS: Final = 20_000
"""A month, over all Regions of an account."""

_YEAR_IN_DAYS: Final = 365
_PRICED: Final = "aws"


@dataclass(frozen=True, slots=True)
class KeyCost:
    """What one key costs in one Region.

    Args:
        name: the key's.
        region: where it, or its replica, is; None where the file leaves it open.
        replica: whether it is a replica.
        rotation_in_days: how often it rotates; None where it doesn't.
        month: USD a month from its first day; None where no price is known.
    """

    name: str
    region: str | None
    replica: bool
    rotation_in_days: int | None
    month: float | None

    @property
    def month_at_most(self) -> float | None:
        """USD a month once two rotations are past."""
        if self.month is None or self.rotation_in_days is None:
            return self.month
        return self.month + PAID_ROTATIONS * ROTATION_MONTH


def costs(stack: Stack) -> tuple[KeyCost, ...]:
    """The cost of each key and of each of its replicas.

    A replica keeps the versions of its primary, and AWS doesn't say that they are free there: they are counted.
    """
    found: list[KeyCost] = []
    for name, key in stack.keys.items():
        period = (key.rotation_period_in_days or _YEAR_IN_DAYS) if key.rotates else None
        found.append(KeyCost(name, key.region, False, period, _month(key.region)))
        found += [KeyCost(name, region, True, period, _month(region)) for region in key.replica_regions]
    return tuple(found)


def total(found: tuple[KeyCost, ...], *, at_most: bool = False) -> float:
    """USD a month of all that have a price: now, or once two rotations are past."""
    return sum((item.month_at_most if at_most else item.month) or 0 for item in found)


def _month(region: str | None) -> float | None:
    return KEY_MONTH if region is None or partition_of_region()[region] == _PRICED else None
