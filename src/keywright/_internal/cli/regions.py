"""Regions that are named on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_regions(regions: Sequence[str]) -> None:
    """Whether Regions are AWS's.

    Raises:
        UsageError: one isn't.
    """
    from keywright._internal.facts.offerings import partition_of_region
    from keywright._internal.model.spelling import did_you_mean

    known = partition_of_region()
    for name in regions:
        if name not in known:
            raise UsageError(
                f"`{name}` is not an AWS Region", did_you_mean(name, known) or "write for example eu-west-1"
            )


def checked_region(region: str | None) -> str | None:
    """The Region that an option names.

    Raises:
        UsageError: it isn't one of AWS's.
    """
    check_regions([region] if region else [])
    return region
