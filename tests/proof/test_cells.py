"""Cells of wildcard patterns: every satisfiable combination, each with a string that is really in it."""

import fnmatch
import itertools
import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keywright._internal.proof.evaluation.comparisons import number
from keywright._internal.proof.evaluation.variables import Pattern, expand
from keywright._internal.proof.search import cells as walk
from keywright._internal.proof.search.automata import (
    LastPart,
    Number,
    Part,
    arn_glob,
    characters,
    glob,
    literal,
    matches,
    sequence,
)
from keywright._internal.proof.search.cells import TooManyCellsError, cells

PATTERNS = st.lists(st.text("ab*?", min_size=1, max_size=4), min_size=1, max_size=4)


def parts(text: str) -> Pattern:
    return expand(text, {}, variables=False, wildcards=True)


def by_regex(pattern: str, text: str, *, arn: bool = False) -> bool:
    """The same question asked of Python's regular expressions."""
    parts = pattern.split(":", 5) if arn else [pattern]
    written = []
    for index, part in enumerate(parts):
        any_char = "[^:]" if arn and index < 5 else "."
        written.append("".join({"*": f"{any_char}*", "?": any_char}.get(char, re.escape(char)) for char in part))
    return re.fullmatch(":".join(written), text, re.DOTALL) is not None


def signs(patterns: list[str], text: str, *, arn: bool = False) -> int:
    return sum(1 << i for i, pattern in enumerate(patterns) if by_regex(pattern, text, arn=arn))


@given(PATTERNS)
@settings(max_examples=100, deadline=None)
def test_cells_are_exactly_the_combinations_that_short_strings_show(patterns: list[str]) -> None:
    shown = {signs(patterns, "".join(text)) for length in range(6) for text in itertools.product("abz", repeat=length)}
    found = cells([glob(parts(pattern)) for pattern in patterns])
    assert {cell.matched for cell in found} >= shown
    assert all(signs(patterns, cell.example) == cell.matched for cell in found)
    assert len({cell.matched for cell in found}) == len(found)


@given(PATTERNS, st.sets(st.text("abx", max_size=3), max_size=5))
@settings(max_examples=100, deadline=None)
def test_an_example_is_never_one_of_the_values_it_must_not_stand_for(patterns: list[str], literals: set[str]) -> None:
    found = cells([glob(parts(pattern)) for pattern in patterns], apart_from=literals)
    assert not {cell.example for cell in found} & literals
    shown = {
        signs(patterns, "".join(text))
        for length in range(6)
        for text in itertools.product("abzx", repeat=length)
        if "".join(text) not in literals
    }
    assert {cell.matched for cell in found} >= shown


@given(st.lists(st.text("a:*?", min_size=1, max_size=8), min_size=1, max_size=3))
@settings(max_examples=100, deadline=None)
def test_wildcards_of_an_arn_pattern_stay_within_their_part(patterns: list[str]) -> None:
    found = cells([arn_glob(parts(pattern)) for pattern in patterns])
    assert all(signs(patterns, cell.example, arn=True) == cell.matched for cell in found)


@given(PATTERNS)
@settings(max_examples=100, deadline=None)
def test_a_domain_restricts_the_examples(patterns: list[str]) -> None:
    domain = sequence(literal("a"), characters("abc"))
    found = cells([glob(parts(pattern)) for pattern in patterns], domain=domain)
    shown = {
        signs(patterns, "a" + "".join(text))
        for length in range(1, 6)
        for text in itertools.product("abc", repeat=length)
    }
    assert {cell.matched for cell in found} >= shown
    assert all(re.fullmatch("a[abc]+", cell.example) for cell in found)


@given(st.text("aB*?c", max_size=6), st.text("aBbc", max_size=6))
def test_a_pattern_matches_what_file_name_matching_matches(pattern: str, text: str) -> None:
    assert matches(glob(parts(pattern)), text) == fnmatch.fnmatchcase(text, pattern)


BOUNDS = st.decimals(-30, 30, places=2).map(lambda bound: bound.normalize())


@given(BOUNDS, st.text("0123.+-", max_size=7))
@settings(max_examples=500, deadline=None)
def test_numbers_are_told_apart_as_the_evaluator_reads_them(bound: Decimal, text: str) -> None:
    value = number(text)
    assert matches(Number(), text) == (value is not None)
    assert matches(Number("less", bound), text) == (value is not None and value < bound)
    assert matches(Number("equal", bound), text) == (value is not None and value == bound)


@given(st.text("ab*?", min_size=1, max_size=4), st.text("ab/", max_size=6))
def test_the_last_part_of_a_path_is_what_stands_behind_its_last_separator(pattern: str, text: str) -> None:
    assert matches(LastPart(glob(parts(pattern))), text) == by_regex(pattern, text.rpartition("/")[2])


@given(st.text("1*?", min_size=1, max_size=4), st.lists(st.text("12", max_size=3), min_size=1, max_size=6))
def test_a_part_of_an_arn_is_what_stands_between_its_colons(pattern: str, written: list[str]) -> None:
    expected = len(written) > 3 and by_regex(pattern, written[2])
    assert matches(Part(glob(parts(pattern)), ":", 2), ":".join(written)) == expected


def test_contradictory_patterns_have_no_cell_in_common() -> None:
    both = [glob(parts("role/a*")), glob(parts("role/b*"))]
    assert 0b11 not in {cell.matched for cell in cells(both)}


def test_a_walk_that_grows_beyond_bounds_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MAX_STATES", 100)
    with pytest.raises(TooManyCellsError):
        cells([glob(parts(f"*{char}?????{char}*")) for char in "abcd"])
