"""What conditions compare a text with, as automata: wildcard patterns, numbers, a part of an ARN.

Each reads a string character by character and says at the end whether it is one of its own. `cells` walks several at
once to find every combination in which they can match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, Literal, Protocol

from keywright._internal.proof.evaluation.variables import Pattern, Wildcard

State = Any
"""Where an automaton is; what is false can't be continued."""


class Automaton(Protocol):
    """A set of strings."""

    def __hash__(self) -> int:
        """Automata are remembered by what they match."""
        ...

    @property
    def start(self) -> State:
        """The state before the first character."""
        ...

    def step(self, state: State, char: str) -> State:
        """The state after one more character; false where no continuation can match."""
        ...

    def accepts(self, state: State) -> bool:
        """Whether what was read so far is in the set."""
        ...

    def named_characters(self, state: State) -> frozenset[str]:
        """The characters that it tells apart from all others there."""
        ...


def matches(automaton: Automaton, text: str) -> bool:
    """Whether a text is in the set."""
    if isinstance(automaton, Glob):
        return _regular_expression(automaton, any_case=False).fullmatch(text) is not None
    return automaton.accepts(run(automaton, automaton.start, text))


def run(automaton: Automaton, state: State, text: str) -> State:
    """The state after a whole text."""
    for char in text:
        if not state:
            break
        state = automaton.step(state, char)
    return state


@lru_cache(maxsize=65536)
def after(automaton: Automaton, head: str) -> State:
    """The state after the beginning of a text; false where the text can't be in the set any more."""
    return run(automaton, automaton.start, head)


# --- Patterns -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Element:
    """One step of a pattern: a character of a class, once or any number of times."""

    chars: frozenset[str]
    excluded: bool = False
    repeated: bool = False

    def takes(self, char: str) -> bool:
        """Whether the class holds the character."""
        return (char in self.chars) is not self.excluded


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern as a bit-parallel automaton; a state is the set of positions reached, as a bit mask."""

    elements: tuple[Element, ...]
    _repeats: int = field(init=False, compare=False)
    _full_stars: int = field(init=False, compare=False)
    _hash: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        repeats = full = 0
        for position, element in enumerate(self.elements):
            if element.repeated:
                repeats |= 1 << position
                if element.excluded and not element.chars:
                    full |= 1 << position
        object.__setattr__(self, "_repeats", repeats)
        object.__setattr__(self, "_full_stars", full)
        object.__setattr__(self, "_hash", hash(self.elements))

    def __hash__(self) -> int:
        return self._hash

    @property
    def start(self) -> int:
        """The state before the first character."""
        return self._closed(1)

    def step(self, state: int, char: str) -> int:
        """The state after one more character; 0 where no continuation can match."""
        reached = 0
        bits = state
        while bits:
            low = bits & -bits
            bits ^= low
            position = low.bit_length() - 1
            if position == len(self.elements):
                continue
            element = self.elements[position]
            if (char in element.chars) is not element.excluded:
                reached |= low if element.repeated else low << 1
        return self._closed(reached)

    def accepts(self, state: int) -> bool:
        """Whether what was read so far matches."""
        return bool(state >> len(self.elements) & 1)

    def named_characters(self, state: int) -> frozenset[str]:
        """The characters that the positions of a state tell apart from all others."""
        named: frozenset[str] = frozenset()
        bits = state
        while bits:
            low = bits & -bits
            bits ^= low
            position = low.bit_length() - 1
            if position < len(self.elements):
                named |= self.elements[position].chars
        return named

    def _closed(self, state: int) -> int:
        while True:
            wider = state | (state & self._repeats) << 1
            if wider == state:
                break
            state = wider
        # A position behind a `*` makes every earlier one superfluous: whatever those could still match, it can.
        stars = state & self._full_stars
        if stars:
            state &= -1 << (stars.bit_length() - 1)
        return state


def may_match_respelled(pattern: Automaton, text: str) -> bool:
    """Whether the text could be in the set if its case were another; of other automata than patterns it may."""
    return not isinstance(pattern, Glob) or _regular_expression(pattern, any_case=True).fullmatch(text) is not None


@lru_cache(maxsize=16384)
def _regular_expression(pattern: Glob, *, any_case: bool) -> re.Pattern[str]:
    """The pattern as Python's own machinery matches it."""
    steps: list[str] = []
    for element in pattern.elements:
        listed = "".join(map(re.escape, sorted(element.chars)))
        one = f"[{'^' * element.excluded}{listed}]" if listed else "." if element.excluded else "(?!)"
        step = f"{one}*" if element.repeated else one
        if not (element.repeated and steps and steps[-1] == step):  # `**` is `*`, and backtracks less
            steps.append(step)
    return re.compile("".join(steps), re.DOTALL | (re.IGNORECASE if any_case else 0))


_ANY = frozenset[str]()
_COLON = frozenset(":")


@lru_cache(maxsize=4096)
def glob(pattern: Pattern) -> Glob:
    """A `StringLike` pattern: `*` is any run of characters, `?` exactly one."""
    return Glob(tuple(_elements(pattern, _ARN_SEPARATORS)))


@lru_cache(maxsize=4096)
def arn_glob(pattern: Pattern) -> Glob:
    """An `ArnLike` pattern: wildcards stay within their part of the ARN, but for the sixth and last part."""
    return Glob(tuple(_elements(pattern, 0)))


@lru_cache(maxsize=4096)
def caseless(text: str, *, ascii_only: bool = True) -> Glob:
    """A text in any mixture of upper and lower case, of ASCII's letters or of all scripts'."""
    return Glob(
        tuple(
            Element(frozenset({char.lower(), char.upper()} if char.isascii() or not ascii_only else {char}))
            for char in text
        )
    )


@lru_cache(maxsize=4096)
def literal(text: str) -> Glob:
    """Exactly one text."""
    return Glob(tuple(Element(frozenset({char})) for char in text))


_ARN_SEPARATORS = 5


def _elements(pattern: Pattern, separators: int) -> Iterator[Element]:
    """The steps of a pattern whose parts are separated by colons until five of them were seen."""
    for part in pattern:
        if isinstance(part, Wildcard):
            outside = _COLON if separators < _ARN_SEPARATORS else _ANY
            yield Element(outside, excluded=True, repeated=part is Wildcard.ANY)
            continue
        for char in part:
            separators += char == ":"
            yield Element(frozenset({char}))


def sequence(*parts: Glob) -> Glob:
    """The patterns one after another, as one."""
    return Glob(tuple(element for part in parts for element in part.elements))


def characters(allowed: str, *, at_least_one: bool = True) -> Glob:
    """A run of characters of a set."""
    chars = frozenset(allowed)
    run = (Element(chars, repeated=True),)
    return Glob((Element(chars), *run) if at_least_one else run)


def digits(count: int) -> Glob:
    """So many decimal digits."""
    return Glob((Element(frozenset("0123456789")),) * count)


def anything() -> Glob:
    """Any string at all."""
    return Glob((Element(_ANY, excluded=True, repeated=True),))


def without(forbidden: str, *, at_least_one: bool = False) -> Glob:
    """A run of any characters but these."""
    chars = frozenset(forbidden)
    run_ = (Element(chars, excluded=True, repeated=True),)
    return Glob((Element(chars, excluded=True), *run_) if at_least_one else run_)


# --- Parts of an ARN ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PathAndName:
    """The path and name of a role or user: names with a `/` after each of the path's, which hold more characters.

    See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """

    name: frozenset[str]
    path: frozenset[str]
    start: int = 1

    def step(self, state: int, char: str) -> int:
        """State 1 is before a name, 2 within one, 3 within a part of the path that is no name."""
        if char == "/":
            return 0 if state == 1 else 1
        if char in self.name:
            return 2 if state == 1 else state
        return 3 if char in self.path else 0

    def accepts(self, state: int) -> bool:
        """Whether a name has begun."""
        return state == 2  # noqa: PLR2004

    def named_characters(self, state: int) -> frozenset[str]:
        """The characters that may follow."""
        return self.path if state == 1 else self.path | {"/"}


@dataclass(frozen=True, slots=True)
class LastPart:
    """Paths of which the part behind the last `/` matches: a user's name in his ARN's path."""

    inner: Automaton

    @property
    def start(self) -> State:
        """Before the first character."""
        return (self.inner.start,)

    def step(self, state: State, char: str) -> State:
        """Each `/` begins anew."""
        if char == "/":
            return (self.inner.start,)
        return (self.inner.step(state[0], char) if state[0] else 0,)

    def accepts(self, state: State) -> bool:
        """Whether the last part matches."""
        return bool(state[0]) and self.inner.accepts(state[0])

    def named_characters(self, state: State) -> frozenset[str]:
        """Those of the part, and the separator."""
        return (self.inner.named_characters(state[0]) if state[0] else _ANY) | {"/"}


@dataclass(frozen=True, slots=True)
class Part:
    """Texts of which one part between separators matches: the account in an ARN, an organization in a path."""

    inner: Automaton
    separator: str
    position: int

    @property
    def start(self) -> State:
        """Before the first character."""
        return (0, self.inner.start)

    def step(self, state: State, char: str) -> State:
        """Only the part's own characters are read."""
        passed, inside = state
        if passed > self.position:
            return state
        if char == self.separator:
            return (passed + 1, inside)
        if passed == self.position:
            return (passed, self.inner.step(inside, char) if inside else 0)
        return state

    def accepts(self, state: State) -> bool:
        """Whether the part is there and matches."""
        passed, inside = state
        return passed > self.position and bool(inside) and self.inner.accepts(inside)

    def named_characters(self, state: State) -> frozenset[str]:
        """Those of the part while it is read, and the separator."""
        passed, inside = state
        own = self.inner.named_characters(inside) if passed == self.position and inside else _ANY
        return own | {self.separator} if passed <= self.position else _ANY


@dataclass(frozen=True, slots=True)
class Between:
    """What may stand between a head and a tail so that the whole matches: the value of a policy variable."""

    whole: Automaton
    head: str
    tail: str

    @property
    def start(self) -> State:
        """Behind the head."""
        return after(self.whole, self.head)

    def step(self, state: State, char: str) -> State:
        """One more character of what stands between."""
        return self.whole.step(state, char)

    def accepts(self, state: State) -> bool:
        """Whether the whole matches when the tail follows."""
        behind = run(self.whole, state, self.tail)
        return bool(behind) and self.whole.accepts(behind)

    def named_characters(self, state: State) -> frozenset[str]:
        """Those of the whole."""
        return self.whole.named_characters(state)


# --- Numbers ------------------------------------------------------------------------------------------------

_DIGITS: Final = frozenset("0123456789")
_OF_NUMBERS: Final = _DIGITS | frozenset("+-.")
Relation = Literal["any", "less", "equal"]


@dataclass(frozen=True, slots=True)
class Number:
    """Numbers as texts, in any spelling: all of them, or those less than a bound or equal to it."""

    relation: Relation = "any"
    bound: Decimal = Decimal(0)
    _whole: str = field(init=False, compare=False)
    _fraction: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        whole, _, fraction = f"{abs(self.bound):f}".partition(".")
        object.__setattr__(self, "_whole", whole.lstrip("0"))
        object.__setattr__(self, "_fraction", fraction.rstrip("0"))

    # A state is the sign, the phase (s: before a digit, w: whole digits, p: a point first, f: fraction), how many
    # digits of the phase count, and how what was read compares with the bound's size so far.

    @property
    def start(self) -> State:
        """Before the sign."""
        return ("", "s", 0, 0)

    def step(self, state: State, char: str) -> State:
        """One more sign, digit or point."""
        sign, phase, count, order = state
        if char in "+-" and state == ("", "s", 0, 0):
            return (char, "s", 0, 0)
        if char == "." and phase in "sw":
            if order == 0 or count != len(self._whole):
                order = (count > len(self._whole)) - (count < len(self._whole)) or order
            return (sign, "p" if phase == "s" else "f", 0, order)
        if char not in _DIGITS:
            return 0
        if phase in "sw":
            return (sign, "w", *self._whole_digit(count, order, char))
        wanted = self._fraction[count] if count < len(self._fraction) else "0"
        return (sign, "f", min(count + 1, len(self._fraction)), order or (char > wanted) - (char < wanted))

    def _whole_digit(self, count: int, order: int, char: str) -> tuple[int, int]:
        if count == 0 and char == "0":
            return 0, 0
        if order == 0 and count < len(self._whole):
            order = (char > self._whole[count]) - (char < self._whole[count])
        return min(count + 1, len(self._whole) + 1), order

    def accepts(self, state: State) -> bool:
        """Whether a whole number was read, and compares as wanted."""
        sign, phase, count, order = state or ("", "s", 0, 0)
        if phase not in "wf":
            return False
        if self.relation == "any":
            return True
        if phase == "w":
            order = (count > len(self._whole)) - (count < len(self._whole)) or order
            count = 0
        if order == 0 and count < len(self._fraction):
            order = -1
        return (
            self._compare(negative=sign == "-", order=order) < 0
            if self.relation == "less"
            else (self._compare(negative=sign == "-", order=order) == 0)
        )

    def _compare(self, *, negative: bool, order: int) -> int:
        """How the number compares with the bound, from how their sizes do."""
        is_zero = order == 0 and self.bound == 0
        if is_zero:
            return 0
        below = self.bound < 0
        if self.bound == 0:
            return -1 if negative else 1
        if negative != below:
            if negative:  # a negative number against a positive bound; -0 is less than it too
                return -1
            return 1
        return -order if negative else order

    def named_characters(self, state: State) -> frozenset[str]:  # noqa: ARG002 - everywhere the same
        """Digits, signs and the point."""
        return _OF_NUMBERS
