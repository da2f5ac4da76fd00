"""Which combinations of wildcard patterns a string can match, each with a shortest example.

Patterns over one attribute split its values into cells: two strings are in one cell when the same patterns
match both. The cells that hold a string at all are found by walking the product of the patterns' automata,
breadth first, so each cell is met with a shortest string of it. The walk is exact: characters that no pattern
names behave alike, so one of them stands for all.

This module only proposes strings. Whether a policy's operator matches one is asked of the evaluator.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from keywright._internal.proof.evaluation.variables import Pattern, Wildcard

MAX_STATES = 20_000
"""How far a walk goes before it gives up; a policy's patterns need a few hundred states."""

_SPARE = "xzqjkvwyXZQJKVWY0123456789abcdefghilmnoprstuABCDEFGHILMNOPRSTU_-=+,@"


class TooManyCellsError(Exception):
    """The patterns interlock so much that their cells can't be listed within bounds."""


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

    def run(self, state: int, text: str) -> int:
        """The state after a whole text."""
        for char in text:
            if not state:
                break
            state = self.step(state, char)
        return state

    def accepts(self, state: int) -> bool:
        """Whether what was read so far matches."""
        return bool(state >> len(self.elements) & 1)

    def matches(self, text: str) -> bool:
        """Whether the pattern matches the text."""
        return self.accepts(self.run(self.start, text))

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


class Domain(Hashable, Protocol):
    """Which strings exist at all; a state of 0 can't be continued."""

    @property
    def start(self) -> int:
        """The state before the first character."""
        ...

    def step(self, state: int, char: str) -> int:
        """The state after one more character."""
        ...

    def accepts(self, state: int) -> bool:
        """Whether what was read so far is a string of the domain."""
        ...

    def named_characters(self, state: int) -> frozenset[str]:
        """The characters that may follow."""
        ...


@dataclass(frozen=True, slots=True)
class PathDomain:
    """A name, or a path of names with one `/` between them."""

    chars: frozenset[str]
    start: int = 1

    def step(self, state: int, char: str) -> int:
        """State 1 is before a name, state 2 within one."""
        if char == "/":
            return 1 if state == 2 else 0  # noqa: PLR2004
        return 2 if char in self.chars else 0

    def accepts(self, state: int) -> bool:
        """Whether a name has begun."""
        return state == 2  # noqa: PLR2004

    def named_characters(self, state: int) -> frozenset[str]:
        """The characters of names, and the separator."""
        return self.chars | {"/"} if state == 2 else self.chars  # noqa: PLR2004


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
def caseless(text: str) -> Glob:
    """A text in any mixture of upper and lower case."""
    return Glob(tuple(Element(frozenset({char.lower(), char.upper()})) for char in text))


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


@dataclass(frozen=True, slots=True)
class Cell:
    """Strings that the same patterns match: those patterns as a bit mask, and a shortest string."""

    matched: int
    example: str


def cells(
    patterns: Sequence[Glob],
    *,
    domain: Domain | None = None,
    starts: Sequence[int] | None = None,
    apart_from: Iterable[str] = (),
) -> tuple[Cell, ...]:
    """Every satisfiable combination of the patterns over the strings of the domain, each with an example.

    A combination is listed if and only if some string of the domain, not among `apart_from`, matches exactly
    those patterns.

    Args:
        patterns: what splits the strings; bit i of a cell stands for pattern i.
        domain: which strings exist at all; any string where None.
        starts: states to begin in, for strings that continue a prefix read already.
        apart_from: strings that are values of their own and so can't stand for others.

    Raises:
        TooManyCellsError: the walk was longer than `MAX_STATES`.
    """
    excluded = frozenset(apart_from)
    first = tuple(starts) if starts is not None else tuple(pattern.start for pattern in patterns)
    quick = _anywhere(tuple(patterns), domain, first)
    if all(example not in excluded for example in quick.values()):
        return tuple(Cell(matched, example) for matched, example in quick.items())
    exact = _walk(patterns, domain, first, _Trie(excluded))
    return tuple(Cell(matched, example) for matched, example in exact.items())


@lru_cache(maxsize=1024)
def _anywhere(patterns: tuple[Glob, ...], domain: Domain | None, starts: tuple[int, ...]) -> Mapping[int, str]:
    """The cells of all strings of a domain."""
    return _walk(patterns, domain, starts, None)


def forget_cells() -> None:
    """Begin anew; cells that were found are remembered for the next policy with the same patterns."""
    _anywhere.cache_clear()


class _Trie:
    """A finite set of strings as an automaton; -1 is the state from which none can be reached any more."""

    def __init__(self, words: Iterable[str]) -> None:
        self.edges: list[dict[str, int]] = [{}]
        self.ends: set[int] = set()
        for word in words:
            node = 0
            for char in word:
                node = self.edges[node].setdefault(char, len(self.edges))
                if node == len(self.edges):
                    self.edges.append({})
            self.ends.add(node)

    def step(self, node: int, char: str) -> int:
        return -1 if node < 0 else self.edges[node].get(char, -1)

    def named(self, node: int) -> frozenset[str]:
        return frozenset(self.edges[node]) if node >= 0 else _ANY


def _walk(
    patterns: Sequence[Glob], domain: Domain | None, starts: tuple[int, ...], words: _Trie | None
) -> Mapping[int, str]:
    """Breadth first over the product of all automata; the first string to reach each accepting combination."""
    begin = (starts, domain.start if domain else 0, 0 if words else -1)
    queue = deque([(begin, "")])
    seen = {begin}
    found: dict[int, str] = {}
    alphabets: dict[tuple[frozenset[str], int], tuple[str, ...]] = {}
    while queue:
        (states, inside, node), text = queue.popleft()
        if (domain is None or domain.accepts(inside)) and not (words and node in words.ends):
            matched = sum(1 << index for index, pattern in enumerate(patterns) if pattern.accepts(states[index]))
            found.setdefault(matched, text)
        named = words.named(node) if words else _ANY
        for index, pattern in enumerate(patterns):
            if states[index]:
                named |= pattern.named_characters(states[index])
        alphabet = alphabets.get((named, inside))
        if alphabet is None:
            alphabet = alphabets[(named, inside)] = tuple(_alphabet(named, domain, inside))
        for char in alphabet:
            within = domain.step(inside, char) if domain else 0
            if domain and not within:
                continue
            after = tuple(
                [pattern.step(state, char) if state else 0 for pattern, state in zip(patterns, states, strict=True)]
            )
            state = (after, within, words.step(node, char) if words else -1)
            if state not in seen:
                if len(seen) >= MAX_STATES:
                    raise TooManyCellsError
                seen.add(state)
                queue.append((state, text + char))
    return found


def _alphabet(named: frozenset[str], domain: Domain | None, inside: int) -> Iterable[str]:
    """One character that nothing names, where there is one, and then each that something does."""
    if domain is None:
        spare = next((char for char in _SPARE if char not in named), None)
        if spare is None:
            spare = next(chr(code) for code in range(0x20, 0x250) if chr(code) not in named)
        return (spare, *sorted(named))
    # A domain's classes are alphabets rather than distinctions: of the characters that no pattern names, one for
    # each different step of the domain is enough.
    chosen: dict[int, str] = {}
    allowed = domain.named_characters(inside)
    for char in _SPARE:
        if char in allowed and char not in named:
            chosen.setdefault(domain.step(inside, char), char)
    for char in sorted(allowed - named):
        if char not in _SPARE:
            chosen.setdefault(domain.step(inside, char), char)
    return (*chosen.values(), *sorted(named & allowed))


def prefixes(patterns: Sequence[Glob], starts: Sequence[int], alphabet: str, length: int) -> tuple[str, ...]:
    """Strings of one length of which each stands for all that leave the patterns in the same states.

    Raises:
        TooManyCellsError: there are more than `MAX_STATES`.
    """
    found = {tuple(starts): ""}
    for _ in range(length):
        longer: dict[tuple[int, ...], str] = {}
        for states, text in found.items():
            for char in alphabet:
                after = tuple(pattern.step(state, char) for pattern, state in zip(patterns, states, strict=True))
                longer.setdefault(after, text + char)
        if len(longer) > MAX_STATES:
            raise TooManyCellsError
        found = longer
    return tuple(found.values())
