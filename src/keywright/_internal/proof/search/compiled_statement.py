"""One statement in a space: the requests that it surely matches, may match, and matches by its unknowns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from keywright._internal.facts.actions import fold
from keywright._internal.proof.evaluation.conditions import condition_holds
from keywright._internal.proof.evaluation.matching import matches_resource
from keywright._internal.proof.evaluation.variables import has_variables
from keywright._internal.proof.search.attributes import looks_up as looks_up_variables
from keywright._internal.proof.search.callers import DERIVED
from keywright._internal.proof.search.request_space import HELD, action_mask, unknown_condition, unknown_resource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright._internal.policy.document import Statement
    from keywright._internal.proof.search.boxes import Box
    from keywright._internal.proof.search.caller_conditions import CallerTest
    from keywright._internal.proof.search.request_space import RequestSpace


@dataclass(frozen=True, slots=True)
class Clause:
    """One statement in a space, but for whom it is about."""

    index: int
    statement: Statement
    sure: Box | None
    """The requests it surely matches, whoever calls; None for none."""
    may: Box
    """Those that it may match."""
    boxes: tuple[Box, ...]
    """Those that it matches, by how the space's unknowns turn out."""
    about_callers: tuple[CallerTest, ...]
    """Conditions on keys that follow from the caller."""
    looks_up: bool
    """Whether a policy variable makes its boxes differ."""
    is_open: bool
    """Whether AWS's documentation makes them differ."""


def held(box: Box, unknowns: Iterable[int]) -> Box:
    """The part of a box in which unknowns turn out true."""
    found = list(box)
    for at in unknowns:
        found[at] &= HELD
    return tuple(found)


def clause(space: RequestSpace, index: int, statement: Statement, *, variables: bool) -> Clause | None:
    """A statement in a space; None for one that matches no request there."""
    mask = _actions(statement)
    covers, may_cover = _covers(space, statement, variables=variables)
    if not mask or not may_cover:
        return None
    whole = [mask, *space.full[1:]]
    sure, may, boxes = list(whole), list(whole), [list(whole)]
    about_callers: list[CallerTest] = []
    looks_up, is_open = not covers, False
    for written in statement.conditions:
        condition = space.settled(written, variables=variables)
        key = fold(condition.key)
        test = (condition, variables)
        if key in DERIVED:
            about_callers.append(space.caller_test(test))
        elif key in space.fixed and looks_up_variables(test) and space.fixed[key]:
            unknown = space.unknowns[unknown_condition(test)]
            boxes = [[*held(tuple(box), (unknown,))] for box in boxes]
            sure, looks_up = [0] * len(sure), True
        elif key in space.fixed:
            if not condition_holds(condition, space.fixed, variables=variables):
                return None
        else:
            at = space.position[key]
            surely, maybe = space.attributes[at - 1].met[test]
            sure[at] &= surely
            may[at] &= maybe
            boxes = list(_by_unknown(boxes, at, surely, maybe, space.unknowns.get(unknown_condition(test))))
            varying = looks_up_variables(test)
            looks_up = looks_up or (surely != maybe and varying)
            is_open = is_open or (surely != maybe and not varying) or space.is_undocumented(key)
    if not all(may):
        return None
    box = tuple(sure) if covers and all(sure) else None
    split = tuple(tuple(item) for item in boxes if all(item)) if covers else ()
    if not covers:
        unknown = space.unknowns[unknown_resource(statement)]
        split = tuple(held(tuple(item), (unknown,)) for item in boxes if all(item))
    return Clause(index, statement, box, tuple(may), split, tuple(about_callers), looks_up, is_open)


def _by_unknown(
    boxes: Iterable[list[int]], at: int, surely: int, maybe: int, unknown: int | None
) -> Iterator[list[int]]:
    """The boxes narrowed to what a condition surely meets, and to what it meets if its unknown turns out so."""
    for box in boxes:
        yield [*box[:at], box[at] & surely, *box[at + 1 :]]
        if surely != maybe and unknown is not None:
            other = [*box[:at], box[at] & maybe & ~surely, *box[at + 1 :]]
            other[unknown] &= HELD
            yield other


def _actions(statement: Statement) -> int:
    if statement.actions is not None:
        return _union(statement.actions)
    if statement.not_actions is not None:
        return _union(("*",)) & ~_union(statement.not_actions)
    return 0


def _union(patterns: Iterable[str]) -> int:
    mask = 0
    for pattern in patterns:
        mask |= action_mask(pattern)
    return mask


def _covers(space: RequestSpace, statement: Statement, *, variables: bool) -> tuple[bool, bool]:
    """Whether Resource or NotResource surely covers the key, and whether it may."""
    listed = statement.resources if statement.resources is not None else statement.not_resources
    if listed is None:
        return False, False
    if listed == ("*",):
        covered, varying = True, False
    else:
        arn, fixed = space.resource, space.fixed
        covered = any(matches_resource(pattern, arn, fixed, variables=variables) for pattern in listed)
        varying = variables and any(map(has_variables, listed))
    if statement.resources is None:
        covered = not covered
    return covered and not varying, covered or varying
