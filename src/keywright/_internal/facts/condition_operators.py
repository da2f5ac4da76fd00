"""IAM's condition operators.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from functools import cache
from typing import Final

POSITIVE: Final = (
    "StringEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "NumericEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "ArnEquals",
    "ArnLike",
    "Null",
)
NEGATED: Final = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
"""Operators that hold when no listed value matches, each with the one it negates."""

OPERATORS: Final = (*POSITIVE, *NEGATED)
"""Every condition operator, in its documented case, without set operator and IfExists."""


@cache
def operator_pattern() -> str:
    """A regular expression for an operator as it is written: with set operator and IfExists; Null takes no IfExists."""
    names = "|".join(name for name in OPERATORS if name != "Null")
    return rf"((ForAllValues|ForAnyValue):)?(({names})(IfExists)?|Null)"
