"""Sets of requests as boxes, and the search for a point of one that lies in no other.

A box gives each dimension a bit mask: the atoms of that attribute it holds. A statement's conditions are a box,
because a statement is a conjunction of tests that each look at one attribute.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import and_, ne

Box = tuple[int, ...]
"""One mask of atoms a dimension; empty as soon as one mask is 0."""

MAX_STEPS = 50_000
"""How many boxes a search may split before it gives up."""


class UndecidedError(Exception):
    """A search ran into its bound; the message says which."""


def meet(one: Box, other: Box) -> Box | None:
    """What two boxes have in common, or None."""
    result = tuple(map(and_, one, other))
    return result if all(result) else None


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes have something in common; told by the first dimension in which they haven't."""
    return all(map(and_, one, other))


def find_outside(box: Box, holes: Iterable[Box], *, steps: int = MAX_STEPS) -> Box | None:
    """A box within `box` that meets no hole; None if and only if the holes cover it.

    Raises:
        UndecidedError: more than `steps` splits were needed.
    """
    return next(outside(box, holes, steps=steps), None)


def outside(box: Box, holes: Iterable[Box], *, steps: int = MAX_STEPS) -> Iterator[Box]:
    """Disjoint boxes that together are `box` less all holes.

    Raises:
        UndecidedError: more than `steps` splits were needed.
    """
    if not all(box):
        return
    cutting = [hole for hole in holes if overlap(box, hole)]
    # A hole with few ways out prunes most, so it goes first.
    if len(cutting) > 1:
        cutting.sort(key=lambda hole: _ways_out(box, hole))
    budget = [steps]
    yield from _split(box, cutting, 0, budget)


def _ways_out(box: Box, hole: Box) -> int:
    """In how many dimensions a hole leaves a part of a box."""
    return sum(map(ne, map(and_, box, hole), box))


def _split(box: Box, holes: Sequence[Box], first: int, budget: list[int]) -> Iterator[Box]:
    budget[0] -= 1
    if budget[0] < 0:
        raise UndecidedError("the statements overlap in more ways than the search may follow")
    for index in range(first, len(holes)):
        hole = holes[index]
        common = meet(box, hole)
        if common is None:
            continue
        # Leave the hole through one dimension, staying inside it in those before: the parts are disjoint.
        inner = list(box)
        for dimension, (mine, its) in enumerate(zip(box, hole, strict=True)):
            free = mine & ~its
            if free:
                inner[dimension] = free
                yield from _split(tuple(inner), holes, index + 1, budget)
            inner[dimension] = common[dimension]
        return
    yield box


def atoms_of(mask: int) -> Iterator[int]:
    """The indices of the bits set in a mask, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
