"""Finitely many values of one attribute that stand for all: every value behaves like one of them.

What splits the values are the texts, patterns, numbers, dates and ranges that conditions compare with. Two
values that no comparison tells apart need one representative. A key that holds any text is compared as each type:
"5", "5.0" and "05" are three texts and one number, "True" is a text and a truth value.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from ipaddress import ip_address
from itertools import pairwise, product
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.condition_keys import finite_values, key_facts, number_range
from keywright._internal.proof.evaluation.comparisons import instant, network, number, octets
from keywright._internal.proof.evaluation.conditions import parse_operator
from keywright._internal.proof.evaluation.variables import Pattern, Variable, Wildcard, template
from keywright._internal.proof.search import automata
from keywright._internal.proof.search.automata import Automaton, Number, matches
from keywright._internal.proof.search.cells import cells
from keywright._internal.proof.search.shapes import PRIVATE, PUBLIC, domains, is_documented, strangers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright._internal.facts.condition_keys import Shape
    from keywright._internal.policy.document import Condition
    from keywright._internal.proof.evaluation.comparisons import Network


@dataclass
class Splitters:
    """Everything that conditions compare one attribute with."""

    texts: dict[str, None] = field(default_factory=dict)
    patterns: dict[Automaton, None] = field(default_factory=dict)
    numbers: set[Decimal] = field(default_factory=set)
    dates: set[Decimal] = field(default_factory=set)
    networks: set[Network] = field(default_factory=set)
    octets: set[bytes] = field(default_factory=set)
    truth: bool = False
    """Whether it is compared as true or false."""

    def add(self, condition: Condition, *, variables: bool) -> None:
        """Take up what one condition compares with; values with policy variables can't be, on their own."""
        operator = parse_operator(condition.operator)
        if operator is None or operator.name == "Null":
            return
        for value in condition.values:
            if operator.takes_variables:
                self._add_text(operator.positive, value, variables=variables)
            elif operator.positive == "IpAddress":
                self.networks.update(item for item in (network(value),) if item is not None)
            elif operator.positive.startswith("Numeric"):
                self.numbers.update(item for item in (number(value),) if item is not None)
            elif operator.positive.startswith("Date"):
                self.dates.update(item for item in (instant(value),) if item is not None)
            elif operator.positive == "BinaryEquals":
                self.octets.update(item for item in (octets(value),) if item is not None)
                self.texts[value] = None
            else:
                self.truth = True

    def _add_text(self, operator: str, value: str, *, variables: bool) -> None:
        wild = operator in {"StringLike", "ArnEquals", "ArnLike"}
        parts = template(value, variables=variables, wildcards=wild)
        if any(isinstance(part, Variable) for part in parts):
            return
        pattern: Pattern = tuple(part for part in parts if not isinstance(part, Variable))
        if any(isinstance(part, Wildcard) for part in pattern):
            self.patterns[automata.glob(pattern) if operator == "StringLike" else automata.arn_glob(pattern)] = None
            return
        text = "".join(part for part in pattern if isinstance(part, str))
        self.texts[text] = None
        if operator == "StringEqualsIgnoreCase" and text.lower() != text.upper():
            self.patterns[automata.caseless(text)] = None
            self.patterns[automata.caseless(text, ascii_only=False)] = None

    @property
    def automata(self) -> tuple[Automaton, ...]:
        """The patterns, and the numbers compared with, as sets of texts; an instant is a number of seconds too."""
        bounds = sorted(self.numbers | self.dates)
        found: list[Automaton] = list(self.patterns)
        if bounds:
            found.append(Number())
            found += [Number("less", bound) for bound in bounds]
            found += [Number("equal", bound) for bound in bounds]
        if self.dates:
            found.append(automata.digits(4))  # which is a year, and no number of seconds
        return tuple(found)

    def patterns_from(self, head: str) -> tuple[Automaton, ...]:
        """The patterns that a text with this beginning can match."""
        return tuple(item for item in self.patterns if automata.after(item, head))

    @property
    def is_blurred(self) -> bool:
        """Whether a text's pattern and its date or address are told apart in ways that aren't listed."""
        return bool(self.patterns and (self.dates or self.networks))


def representatives(key: str, splitters: Splitters) -> tuple[str, ...]:
    """Values of a condition key such that every value the key can have is told apart from none of some one of them.

    Those that AWS documents for the key come first. Texts of the policy that the key can't have, as far as that is
    documented, are among the others.

    Args:
        key: the condition key, in any case.
        splitters: what conditions compare it with.

    Raises:
        TooManyCellsError: the patterns interlock beyond bounds.
    """
    facts = key_facts(key)
    shape: Shape = facts.shape if facts else "text"
    finite = finite_values(key) or frozenset()
    if finite == _ONLY_TRUE:  # a call without TLS reaches no policy
        return tuple(finite)
    found = dict.fromkeys((*sorted(finite), *_by_shape(key, splitters, shape)))
    return tuple(sorted(found, key=lambda value: not is_documented(key, value)))


_ONLY_TRUE: Final = frozenset({"true"})


def _by_shape(key: str, splitters: Splitters, shape: Shape) -> Iterator[str]:
    match shape:
        case "bool":
            yield from ("true", "false")
            if splitters.patterns or splitters.texts:
                yield from ("True", "TRUE", "False", "FALSE")
        case "date":
            bounds = splitters.dates | splitters.numbers | _spelled(splitters.texts)
            yield from _dates(bounds)
            yield from _seconds(bounds)
        case "number":
            bounds = splitters.numbers | splitters.dates | _spelled(splitters.texts)
            yield from _numbers(bounds, *(number_range(key) or (0, None)))
            if splitters.texts:
                yield from (f"{bound:f}.0" if bound == bound.to_integral() else f"{bound:f}0" for bound in bounds)
        case "ip":
            named = (network(text) for text in splitters.texts)
            networks = splitters.networks.union(item for item in named if item is not None)
            yield from _addresses(networks.union(PRIVATE) if key == PUBLIC and networks else networks)
            yield from texts(key, splitters, shape)
            yield from typed(splitters)
        case _:
            yield from texts(key, splitters, shape)
            yield from typed(splitters)
    yield from splitters.texts


def _spelled(texts_: Iterable[str]) -> set[Decimal]:
    return {item for item in map(number, texts_) if item is not None}


def texts(key: str, splitters: Splitters, shape: Shape) -> Iterator[str]:
    """Representatives of an attribute that holds text."""
    fitting = domains(key, shape)
    named = [text for text in splitters.texts if any(matches(item, text) for item in fitting)]
    yield from named
    patterns = splitters.automata
    met: set[int] = set()
    for stranger in strangers(shape):
        if stranger not in splitters.texts:
            signs = sum(1 << index for index, item in enumerate(patterns) if matches(item, stranger))
            if signs not in met:
                met.add(signs)
                yield stranger
                if not patterns:
                    return
    for domain in fitting:
        for cell in cells(patterns, domain=domain, apart_from=named):
            if cell.matched not in met:
                met.add(cell.matched)
                yield cell.example


# --- Types --------------------------------------------------------------------------------------------------


def typed(splitters: Splitters) -> Iterator[str]:
    """Texts that are dates, addresses, bytes or truth values; numbers are found as texts are."""
    if splitters.truth:
        for word in ("true", "false"):
            yield from map("".join, product(*((letter, letter.upper()) for letter in word)))
    if splitters.dates:
        yield from _dates(splitters.dates)
        yield from (iso(moment).replace("Z", "+00:00") for moment in moments(splitters.dates))
        yield from _years(splitters.dates | splitters.numbers)
    if splitters.networks:
        yield from _addresses(splitters.networks)
    for wanted in splitters.octets:
        plain = b64encode(wanted).decode()
        end = plain.rstrip("=")
        spellings = (end[:-1] + char + plain[len(end) :] for char in _BASE64) if end else ()
        yield from (plain, *(text for text in spellings if octets(text) == wanted))


_BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def _numbers(bounds: Iterable[Decimal], least: int, greatest: int | None) -> Iterator[str]:
    """Each bound with the whole numbers on both sides, as KMS and STS report them; behind them, what they don't."""
    found = {least} if greatest is None else {least, greatest}
    others = {Decimal(least - 1)} if greatest is None else {Decimal(least - 1), Decimal(greatest + 1)}
    listed = sorted(bounds)
    for bound in listed:
        low = int(bound.to_integral_value(ROUND_FLOOR))
        high = int(bound.to_integral_value(ROUND_CEILING))
        found |= {low - 1, low, high, high + 1}
        others |= {bound, Decimal(low - 1), Decimal(high + 1)}
    others.update((one + other) / 2 for one, other in pairwise(listed))
    yield from (str(item) for item in sorted(found) if item >= least and (greatest is None or item <= greatest))
    yield from (f"{item.normalize():f}" for item in sorted(others))


def moments(bounds: Iterable[Decimal]) -> Iterator[int]:
    """Each instant, the second before and the second after, latest first; none that four digits would make a year."""
    seconds = {0, *(int(bound.to_integral_value(ROUND_FLOOR)) + step for bound in bounds for step in (-1, 0, 1, 2))}
    for second in sorted(seconds, reverse=True):
        if 0 <= second < _END_OF_DATES and not _LEAST_YEAR <= second <= _GREATEST_YEAR:
            yield second


def between_moments(bounds: Iterable[Decimal]) -> Iterator[Decimal]:
    """A time between each two instants, which need be no whole second."""
    for one, other in pairwise(sorted(bounds)):
        between = (one + other) / 2
        if 0 <= between < _END_OF_DATES:
            yield between


def iso(second: int) -> str:
    """A moment as AWS writes it."""
    return (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _dates(bounds: Iterable[Decimal]) -> Iterator[str]:
    """The moments around each bound, all in UTC; and between seconds, which AWS's keys never are."""
    listed = sorted(bounds)
    yield from map(iso, moments(listed))
    for one, other in pairwise((Decimal(-1), *listed, Decimal(_END_OF_DATES * 10))):
        between = (one + other) / 2
        yield f"{between:f}" if "." in f"{between:f}" else f"{between:f}.0"


def _seconds(bounds: Iterable[Decimal]) -> Iterator[str]:
    """The moments around each bound as numbers: so KMS's guide compares `kms:ValidTo`."""
    yield from map(str, moments(bounds))
    yield from (f"{bound.normalize():f}" for bound in bounds)


def _years(bounds: Iterable[Decimal]) -> Iterator[str]:
    """Four digits around each bound: they are a number, and as a date a year."""
    found = {0, 1, _LEAST_YEAR, _GREATEST_YEAR}
    for bound in bounds:
        found |= {int(bound) + step for step in (-1, 0, 1)}
        if 0 <= bound < _END_OF_DATES:
            year = (_EPOCH + timedelta(seconds=int(bound))).year
            found |= {year - 1, year, year + 1}
    yield from (f"{year:04}" for year in sorted(found) if 0 <= year <= _GREATEST_YEAR)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_DATES: Final = 253_402_300_800
_LEAST_YEAR: Final = 1000
_GREATEST_YEAR: Final = 9999


def _addresses(networks: Iterable[Network]) -> Iterator[str]:
    """The first address of each range and the first behind it, and one of each kind that no range holds."""
    ranges = tuple(networks)
    spare = [ip_address(text) for text in ("198.51.100.77", "2001:db8:ffff::77")]
    found = {item: None for item in spare if not any(item in block for block in ranges)}
    for block in ranges:
        found[block.network_address] = None
        behind = int(block.broadcast_address) + 1
        if behind < 1 << block.max_prefixlen:
            found[type(block.network_address)(behind)] = None
    found[ip_address("0.0.0.0")] = None  # noqa: S104 - an address to compare with, none to listen on
    found[ip_address("::")] = None
    yield from (str(item) for item in found)
