"""Which combinations of automata a string can match, each with a shortest example.

Patterns over one attribute split its values into cells: two strings are in one cell when the same patterns
match both. The cells that hold a string at all are found by walking the product of the patterns' automata,
breadth first, so each cell is met with a shortest string of it. The walk is exact: characters that no pattern
names behave alike, so one of them stands for all.

This module only proposes strings. Whether a policy's operator matches one is asked of the evaluator.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from keywright._internal.proof.search.automata import Automaton, State

MAX_STATES: Final = 20_000
"""How far a walk goes before it gives up; a policy's patterns need a few hundred states."""

_SPARE: Final = "xzqjkvwyXZQJKVWY0123456789abcdefghilmnoprstuABCDEFGHILMNOPRSTU_-=+,@"
_PLAIN: Final = "xzq"
"""Characters that a domain which rules out others may have without naming them."""
_MORE_SPARE: Final = "".join(chr(code) for code in (*range(0x20, 0x7F), *range(0xC0, 0x180)))
_NONE: Final = frozenset[str]()


class TooManyCellsError(Exception):
    """The patterns interlock so much that their cells can't be listed within bounds."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Strings that the same patterns match: those patterns as a bit mask, and a shortest string."""

    matched: int
    example: str


def cells(
    patterns: Sequence[Automaton],
    *,
    domain: Automaton | None = None,
    starts: Sequence[State] | None = None,
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
def _anywhere(
    patterns: tuple[Automaton, ...], domain: Automaton | None, starts: tuple[State, ...]
) -> Mapping[int, str]:
    """The cells of all strings of a domain, remembered for the next policy with the same patterns."""
    return _walk(patterns, domain, starts, None)


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
        return frozenset(self.edges[node]) if node >= 0 else _NONE


def _walk(
    patterns: Sequence[Automaton], domain: Automaton | None, starts: tuple[State, ...], words: _Trie | None
) -> Mapping[int, str]:
    """Breadth first over the product of all automata; the first string to reach each accepting combination."""
    begin = (starts, domain.start if domain else 0, 0 if words else -1)
    queue = deque([(begin, "")])
    seen = {begin}
    found: dict[int, str] = {}
    alphabets: dict[tuple[frozenset[str], State], tuple[str, ...]] = {}
    while queue:
        (states, inside, node), text = queue.popleft()
        if (domain is None or domain.accepts(inside)) and not (words and node in words.ends):
            matched = sum(
                1 << index for index, pattern in enumerate(patterns) if states[index] and pattern.accepts(states[index])
            )
            found.setdefault(matched, text)
        named = words.named(node) if words else _NONE
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


def _alphabet(named: frozenset[str], domain: Automaton | None, inside: State) -> Iterable[str]:
    """One character that nothing names, where there is one, and then each that something does."""
    if domain is None:
        spare = next(char for char in (*_SPARE, *_MORE_SPARE) if char not in named)
        return (spare, *sorted(named))
    # A domain's classes are alphabets rather than distinctions: of the characters that no pattern names, one for
    # each different step of the domain is enough.
    chosen: dict[State, str] = {}
    allowed = domain.named_characters(inside)
    for char in (*(char for char in _SPARE if char in allowed), *sorted(allowed.difference(_SPARE)), *_PLAIN):
        if char not in named and (step := domain.step(inside, char)):
            chosen.setdefault(step, char)
    if not chosen:  # those that the domain doesn't name behave alike, so one of them tells for all
        more = next((char for char in _MORE_SPARE if char not in named and char not in allowed), None)
        chosen = {more: more} if more is not None and domain.step(inside, more) else {}
    return (*chosen.values(), *sorted([char for char in named if domain.step(inside, char)]))


def prefixes(patterns: Sequence[Automaton], starts: Sequence[State], alphabet: str, length: int) -> tuple[str, ...]:
    """Strings of one length of which each stands for all that leave the patterns in the same states.

    Raises:
        TooManyCellsError: there are more than `MAX_STATES`.
    """
    found = {tuple(starts): ""}
    for _ in range(length):
        longer: dict[tuple[State, ...], str] = {}
        for states, text in found.items():
            for char in alphabet:
                after = tuple(
                    [pattern.step(state, char) if state else 0 for pattern, state in zip(patterns, states, strict=True)]
                )
                longer.setdefault(after, text + char)
        if len(longer) > MAX_STATES:
            raise TooManyCellsError
        found = longer
    return tuple(found.values())
