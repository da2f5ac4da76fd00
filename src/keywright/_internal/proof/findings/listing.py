"""Lists of names in the sentences of findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sized

_MOST: Final = 6


def listed(names: Iterable[str]) -> str:
    """Names as `a`, `b` and `c`; of a long list the first few and how many more."""
    found = [f"`{name}`" for name in dict.fromkeys(names)]
    if len(found) > _MOST + 1:
        return f"{', '.join(found[:_MOST])} and {len(found) - _MOST} more"
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def agreeing(subjects: Sized, one: str, several: str) -> str:
    """The verb that goes with as many subjects."""
    return one if len(subjects) == 1 else several
