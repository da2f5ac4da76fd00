"""What one caller is given of each group of actions, asked of the search that also decides the claims.

Two questions are asked: what the key policy gives by itself, and what it gives together with IAM policies that allow
everything. Each is answered with all requests, with some of them (so it depends on conditions), with none, or not at
all.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final, Literal

from keywright._internal.facts.actions import ADMINISTRATIVE, CRYPTOGRAPHIC, DESTROYING
from keywright._internal.proof.difference.wording import circumstances
from keywright._internal.proof.search.access import Access, AccessMode, Query
from keywright._internal.proof.search.boxes import UndecidedError, atoms_of, find_outside, meet
from keywright._internal.proof.search.request_space import masked
from keywright._internal.proof.search.witnesses import ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from keywright._internal.proof.search.boxes import Box
    from keywright._internal.proof.search.callers import PrincipalClass

Duty = Literal["administer", "use", "grant", "delete"]
AccessLevel = Literal[
    "yes",
    "conditional",
    "conditional, or if allowed by IAM",
    "if allowed by IAM",
    "conditional, if allowed by IAM",
    "unknown",
    "no",
]
"""What a caller is given of a group of actions: by the key policy itself, under conditions, or where the IAM policies
of his account allow it, too."""

ACTIONS: Final[Mapping[Duty, frozenset[str]]] = {
    "administer": ADMINISTRATIVE - DESTROYING,
    "use": CRYPTOGRAPHIC,
    "grant": frozenset({"kms:CreateGrant"}),
    "delete": DESTROYING,
}
"""The actions of each duty; one of them is enough for the duty."""

PERHAPS_MORE: Final = "perhaps in other requests, too: AWS's documentation leaves open what a statement matches"


@dataclass(frozen=True, slots=True)
class CallerAccess:
    """What one caller can do, and under which conditions."""

    levels: tuple[AccessLevel, ...]
    """One a duty, in their order."""
    conditions: tuple[str, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether no duty is given in any way."""
        return set(self.levels) == {"no"}


def agreed(answers: Sequence[CallerAccess]) -> CallerAccess:
    """The answer for each key that the policy may belong to; unknown where it differs between them."""
    first, *others = answers
    levels = tuple(
        level if all(other.levels[at] == level for other in others) else "unknown"
        for at, level in enumerate(first.levels)
    )
    return CallerAccess(levels, first.conditions)


def caller_access(access: Access, caller: PrincipalClass) -> CallerAccess:
    """What a caller is given of each duty."""
    levels: list[AccessLevel] = []
    conditions: dict[str, None] = {}
    for actions in ACTIONS.values():
        box = access.space.of_actions(masked(actions))
        direct = _extent(access, caller, box, AccessMode.DIRECT)
        most = direct if direct is _Extent.ALL or caller.is_service else _extent(access, caller, box, AccessMode.ANY)
        level = _level(direct, most)
        levels.append(level)
        if level.startswith("conditional"):
            conditions |= dict.fromkeys(_conditions(access, caller, box))
    return CallerAccess(tuple(levels), tuple(conditions))


def _extent(access: Access, caller: PrincipalClass, box: Box, mode: AccessMode) -> _Extent:
    """Whether some action is allowed in every request, in some, or none is at all."""
    whole = ask(access, caller, Query(box, mode))
    if whole.surely_none:
        return _Extent.NONE
    best = _Extent.UNKNOWN if whole.witness is None else _Extent.SOME
    for action in atoms_of(box[0]):
        if _covers(access, caller, (1 << action, *box[1:]), mode):
            return _Extent.ALL
    return best


def _covers(access: Access, caller: PrincipalClass, box: Box, mode: AccessMode) -> bool:
    """Whether every request of a box, such as AWS documents them, is surely allowed."""
    space = access.space
    whole = meet(box, space.certain(caller))
    given = [item.sure for item in access.counted(caller, mode) if item.sure is not None]
    if whole is None or not any(meet(whole, item) for item in given):
        return False
    try:
        for denied in access.denied(caller, widely=True):
            common = meet(whole, denied)
            if common is not None and find_outside(common, space.unlikely) is not None:
                return False
        return find_outside(whole, [*space.unlikely, *given]) is None
    except UndecidedError:
        return False


def _conditions(access: Access, caller: PrincipalClass, box: Box) -> Iterator[str]:
    """What the statements that decide about a box ask of a request, beside who calls."""
    profile = access.profile(caller)
    for word, items in (("if", profile.allows), ("except where", profile.denies)):
        for item in items:
            if meet(box, item.clause.may) is not None and (words := circumstances(item.clause.statement)):
                yield f"{word} {words}"
    if access.leaves_open(caller):
        yield PERHAPS_MORE


class _Extent(IntEnum):
    """How many of the requests that are asked after are allowed."""

    NONE = 0
    UNKNOWN = 1
    SOME = 2
    ALL = 3


def _level(direct: _Extent, most: _Extent) -> AccessLevel:
    if direct is _Extent.ALL:
        return "yes"
    if most is _Extent.NONE:
        return "no"
    if direct is _Extent.SOME:
        return "conditional, or if allowed by IAM" if most is _Extent.ALL else "conditional"
    if most is _Extent.ALL:
        return "if allowed by IAM"
    if _Extent.UNKNOWN in {direct, most}:
        return "unknown"
    return "conditional, if allowed by IAM"
