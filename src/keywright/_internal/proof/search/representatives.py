"""Finitely many values of one attribute that stand for all: every value behaves like one of them.

What splits the values are the texts, patterns, numbers, dates and ranges that conditions compare with. Two
values that no comparison tells apart need one representative.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from ipaddress import ip_address
from typing import TYPE_CHECKING

from keywright._internal.facts.condition_keys import finite_values, key_facts, number_range
from keywright._internal.proof.evaluation.comparisons import instant, network, number
from keywright._internal.proof.evaluation.conditions import parse_operator
from keywright._internal.proof.evaluation.variables import Pattern, Variable, Wildcard, template
from keywright._internal.proof.search import globs
from keywright._internal.proof.search.shapes import domains, strangers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright._internal.facts.condition_keys import Shape
    from keywright._internal.policy.document import Condition
    from keywright._internal.proof.evaluation.comparisons import Network


@dataclass
class Splitters:
    """Everything that conditions compare one attribute with."""

    texts: dict[str, None] = field(default_factory=dict)
    patterns: dict[globs.Glob, None] = field(default_factory=dict)
    numbers: set[Decimal] = field(default_factory=set)
    dates: set[Decimal] = field(default_factory=set)
    networks: set[Network] = field(default_factory=set)
    varying: list[str] = field(default_factory=list)
    """Values with policy variables, which can't be compared with on their own."""

    def add(self, condition: Condition, *, variables: bool) -> None:
        """Take up what one condition compares with."""
        operator = parse_operator(condition.operator)
        if operator is None or operator.name == "Null":
            return
        for value in condition.values:
            if operator.positive in {"StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"}:
                self._add_text(operator.positive, value, variables=variables)
            elif operator.positive == "IpAddress":
                found = network(value)
                if found is not None:
                    self.networks.add(found)
            elif operator.positive.startswith("Numeric"):
                self.numbers.update(item for item in (number(value),) if item is not None)
            elif operator.positive.startswith("Date"):
                self.dates.update(item for item in (instant(value),) if item is not None)
            else:
                self.texts[value] = None

    def _add_text(self, operator: str, value: str, *, variables: bool) -> None:
        wild = operator in {"StringLike", "ArnEquals", "ArnLike"}
        parts = template(value, variables=variables, wildcards=wild)
        if any(isinstance(part, Variable) for part in parts):
            self.varying.append(value)
            return
        pattern: Pattern = tuple(part for part in parts if not isinstance(part, Variable))
        if any(isinstance(part, Wildcard) for part in pattern):
            self.patterns[globs.glob(pattern) if operator == "StringLike" else globs.arn_glob(pattern)] = None
            return
        text = "".join(part for part in pattern if isinstance(part, str))
        self.texts[text] = None
        if operator == "StringEqualsIgnoreCase" and text.lower() != text.upper():
            self.patterns[globs.caseless(text)] = None


def representatives(key: str, splitters: Splitters) -> tuple[str, ...]:
    """Values of a condition key such that every value the key can have is told apart from none of some one of them.

    Args:
        key: the condition key, in any case.
        splitters: what conditions compare it with.

    Raises:
        TooManyCellsError: the patterns interlock beyond bounds.
    """
    facts = key_facts(key)
    shape: Shape = facts.shape if facts else "text"
    finite = finite_values(key)
    if finite is not None:
        return tuple(sorted(finite))
    if shape == "bool":
        return ("true", "false")
    return tuple(dict.fromkeys(_by_type(key, splitters, shape)))


def _by_type(key: str, splitters: Splitters, shape: Shape) -> Iterator[str]:
    """Values of the key's type, or, of a key that holds any text, of each type it is compared as."""
    if shape == "text":
        yield from texts(splitters, shape)
    spelled = {item for item in map(number, splitters.texts) if item is not None} if shape != "text" else set()
    if shape == "date" or (splitters.dates and shape != "number"):
        yield from _dates(splitters.dates | splitters.numbers | spelled)
    elif shape == "number" or splitters.numbers or splitters.dates:
        yield from _numbers(splitters.numbers | splitters.dates | spelled, *(number_range(key) or (0, None)))
    if shape == "ip" or splitters.networks:
        splitters.networks.update(item for item in map(network, splitters.texts) if item is not None)
        yield from _addresses(splitters.networks)
    if shape not in {"text", "date", "number", "ip"}:
        yield from texts(splitters, shape)


def texts(splitters: Splitters, shape: Shape) -> Iterator[str]:
    """Representatives of an attribute that holds text."""
    fitting = domains(shape)
    named = [text for text in splitters.texts if shape == "text" or any(item.matches(text) for item in fitting)]
    yield from named
    patterns = tuple(splitters.patterns)
    met: set[int] = set()
    for stranger in strangers(shape):
        if stranger not in splitters.texts:
            signs = sum(1 << index for index, item in enumerate(patterns) if item.matches(stranger))
            if signs not in met:
                met.add(signs)
                yield stranger
                if not patterns:
                    return
    for domain in fitting:
        for cell in globs.cells(patterns, domain=domain, apart_from=named):
            if cell.matched not in met:
                met.add(cell.matched)
                yield cell.example


def _numbers(bounds: Iterable[Decimal], least: int, greatest: int | None) -> Iterator[str]:
    """Each bound with the whole numbers on both sides; the keys of KMS and STS hold whole numbers."""
    found = {least} if greatest is None else {least, greatest}
    for bound in bounds:
        low = int(bound.to_integral_value(ROUND_FLOOR))
        high = int(bound.to_integral_value(ROUND_CEILING))
        found |= {low - 1, low, high, high + 1}
    yield from (str(item) for item in sorted(found) if item >= least and (greatest is None or item <= greatest))


def _dates(bounds: Iterable[Decimal]) -> Iterator[str]:
    """Each instant, the second before and the second after; all of them in UTC."""
    seconds = {0, *(int(bound.to_integral_value(ROUND_FLOOR)) + step for bound in bounds for step in (-1, 0, 1, 2))}
    for second in sorted(seconds, reverse=True):
        if 0 <= second < _END_OF_DATES:
            yield (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_DATES = 253_402_300_800


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
