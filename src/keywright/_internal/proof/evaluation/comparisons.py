"""Comparing one condition value with one request value where text isn't the type: numbers, dates, IPs, … (5.3).

Each comparison answers EQUAL (it holds), DIFFERENT, or NO where either side can't be read as the type. Unreadable
values are false for positive and negated operators alike: the semantics say so for numbers and for addresses of
the request, and dates and ranges follow the same rule here.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Final

from keywright._internal.facts.actions import fold

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Readable(Enum):
    """What a comparison found."""

    EQUAL = "holds"
    DIFFERENT = "doesn't hold"
    NO = "not readable as the operator's type"


Comparison = Callable[[str, str], Readable]


_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_DATE = re.compile(
    r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:\.(?P<fraction>[0-9]+))?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?"
)
_PREFIX = re.compile(r"/[0-9]{1,3}")


@lru_cache(maxsize=8192)
def number(text: str) -> Decimal | None:
    """An integer or decimal number."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


@lru_cache(maxsize=8192)
def instant(text: str) -> Decimal | None:
    """A date as seconds since 1970: the W3C profile of ISO 8601, or epoch seconds.

    Four digits are a year. A time without an offset is read as UTC.
    """
    if match := _DATE.fullmatch(text):
        part = {name: int(value) for name, value in match.groupdict().items() if value and name not in _TEXT_PARTS}
        try:
            moment = datetime(
                part["year"],
                part.get("month", 1),
                part.get("day", 1),
                part.get("hour", 0),
                part.get("minute", 0),
                part.get("second", 0),
                tzinfo=_zone(match["zone"]),
            )
        except ValueError:
            return None
        whole = (moment - _EPOCH) // timedelta(seconds=1)
        return whole + Decimal(f"0.{match['fraction'] or 0}")
    return number(text)


_TEXT_PARTS = frozenset({"fraction", "zone"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    ahead = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-ahead if text[0] == "-" else ahead)


@lru_cache(maxsize=8192)
def network(text: str) -> Network | None:
    """A CIDR range, or a single address; host bits beyond the prefix don't count."""
    address, slash, _ = text.partition("/")
    if slash and not _PREFIX.fullmatch(text[len(address) :]):
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def address(text: str) -> Address | None:
    """A single IP address, v4 or v6."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def octets(text: str) -> bytes | None:
    """The bytes of a base64 text."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def boolean(text: str) -> bool | None:
    """True or false, in any case."""
    return {"true": True, "false": False}.get(fold(text))


def _answer(*, holds: bool) -> Readable:
    return Readable.EQUAL if holds else Readable.DIFFERENT


def _ordered(read: Callable[[str], Decimal | None], compare: Callable[[Decimal, Decimal], bool]) -> Comparison:
    def apply(wanted: str, given: str) -> Readable:
        left, right = read(given), read(wanted)
        return Readable.NO if left is None or right is None else _answer(holds=compare(left, right))

    return apply


def _bool(wanted: str, given: str) -> Readable:
    left, right = boolean(given), boolean(wanted)
    return Readable.NO if left is None or right is None else _answer(holds=left == right)


def _binary(wanted: str, given: str) -> Readable:
    left, right = octets(given), octets(wanted)
    return Readable.NO if left is None or right is None else _answer(holds=left == right)


def _ip(wanted: str, given: str) -> Readable:
    """A v4 range never holds a v6 address, nor the other way round (5.3)."""
    inside, outside = address(given), network(wanted)
    if inside is None or outside is None:
        return Readable.NO
    return _answer(holds=inside.version == outside.version and inside in outside)


COMPARISONS: Final[dict[str, Comparison]] = {
    "Bool": _bool,
    "BinaryEquals": _binary,
    "IpAddress": _ip,
    **{
        f"{family}{name}": _ordered(read, compare)
        for family, read in (("Numeric", number), ("Date", instant))
        for name, compare in (
            ("Equals", operator.eq),
            ("LessThan", operator.lt),
            ("LessThanEquals", operator.le),
            ("GreaterThan", operator.gt),
            ("GreaterThanEquals", operator.ge),
        )
    },
}
