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


class Extent(IntEnum):
    """How many of the requests that are asked after are allowed."""

    NONE = 0
    UNKNOWN = 1
    SOME = 2
    ALL = 3


@dataclass(frozen=True, slots=True)
class CallerAccess:
    """What one caller can do, and under which conditions."""

    extents: tuple[tuple[Extent, Extent], ...]
    """For each duty, in their order: by the key policy itself, and with IAM policies that allow everything."""
    conditions: tuple[str, ...]

    @property
    def levels(self) -> tuple[AccessLevel, ...]:
        """The same in words, one a duty."""
        return tuple(_level(direct, most) for direct, most in self.extents)

    @property
    def is_nothing(self) -> bool:
        """Whether no duty is given in any way."""
        return set(self.levels) == {"no"}

    def with_part(self, part: CallerAccess, *, surely: bool, words: str) -> CallerAccess:
        """What a role or user can do with one of its sessions counted in, which is some of its requests.

        Args:
            part: what the session can do.
            surely: whether it certainly is one of its sessions.
            words: the condition of being that session.
        """
        most = Extent.SOME if surely else Extent.UNKNOWN
        extents = tuple(
            (max(mine[0], min(its[0], most)), max(mine[1], min(its[1], most)))
            for mine, its in zip(self.extents, part.extents, strict=True)
        )
        if extents == self.extents:
            return self
        return CallerAccess(extents, (*self.conditions, words if surely else PERHAPS_MORE))


def agreed(answers: Sequence[CallerAccess]) -> CallerAccess:
    """The answer for each key that the policy may belong to; unknown where it differs between them."""
    first, *others = answers
    extents = tuple(
        pair if all(other.extents[at] == pair for other in others) else (Extent.UNKNOWN, Extent.UNKNOWN)
        for at, pair in enumerate(first.extents)
    )
    return CallerAccess(extents, first.conditions)


def caller_access(access: Access, caller: PrincipalClass) -> CallerAccess:
    """What a caller is given of each duty."""
    extents: list[tuple[Extent, Extent]] = []
    conditions: dict[str, None] = {}
    for actions in ACTIONS.values():
        box = access.space.of_actions(masked(actions))
        direct = _extent(access, caller, box, AccessMode.DIRECT)
        most = direct if direct is Extent.ALL or caller.is_service else _extent(access, caller, box, AccessMode.ANY)
        extents.append((direct, most))
        if Extent.SOME in {direct, most}:
            conditions |= dict.fromkeys(_conditions(access, caller, box))
    return CallerAccess(tuple(extents), tuple(conditions))


def _extent(access: Access, caller: PrincipalClass, box: Box, mode: AccessMode) -> Extent:
    """Whether some action is allowed in every request, in some, or none is at all."""
    whole = ask(access, caller, Query(box, mode))
    if whole.surely_none:
        return Extent.NONE
    best = Extent.UNKNOWN if whole.witness is None else Extent.SOME
    for action in atoms_of(box[0]):
        if _covers(access, caller, (1 << action, *box[1:]), mode):
            return Extent.ALL
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


def _level(direct: Extent, most: Extent) -> AccessLevel:
    if direct is Extent.ALL:
        return "yes"
    if most is Extent.NONE:
        return "no"
    if direct is Extent.SOME:
        return "conditional, or if allowed by IAM" if most is Extent.ALL else "conditional"
    if most is Extent.ALL:
        return "if allowed by IAM"
    if Extent.UNKNOWN in {direct, most}:
        return "unknown"
    return "conditional, if allowed by IAM"
