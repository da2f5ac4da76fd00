"""Whether a value listed in a condition can be a value that AWS sends for the key.

Each rule is after AWS's description of the key or the operator; a value of a shape that AWS doesn't describe
is taken to be possible.
"""

from __future__ import annotations

import re
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING

from keywright._internal.facts.condition_keys import finite_values, number_range
from keywright._internal.facts.services import region_of
from keywright._internal.policy.document import Condition
from keywright._internal.proof.evaluation.comparisons import boolean, instant, network, number, octets
from keywright._internal.proof.evaluation.conditions import condition_holds
from keywright._internal.proof.evaluation.variables import has_variables
from keywright._internal.proof.findings.value_forms import (
    EXAMPLES,
    Impossible,
    family,
    takes_wildcards,
    why_not_address,
    why_not_arn,
    why_not_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keywright._internal.facts.condition_keys import Shape
    from keywright._internal.proof.evaluation.conditions import Operator
    from keywright._internal.proof.findings.elements import ConditionView

_VARIABLE = re.compile(r"\$\{[^}]*\}")
_READERS: dict[str, Callable[[str], object]] = {
    "Bool": boolean,
    "Null": boolean,
    "Numeric": number,
    "Date": instant,
    "Binary": octets,
}
_COMPARED = {
    "Bool": EXAMPLES["bool"],
    "Null": EXAMPLES["bool"],
    "Numeric": EXAMPLES["number"],
    "Date": EXAMPLES["date"],
    "Binary": "base64 text",
}
_FOR_COMPARISON: dict[str, frozenset[str]] = {
    "Bool": frozenset({"bool", "text"}),
    "Ip": frozenset({"ip", "text"}),
    "Arn": frozenset({"arn", "text"}),
    "Numeric": frozenset({"number", "text", "date", "account"}),
    "Date": frozenset({"date", "text", "number", "account"}),
}
"""Which shapes of keys an operator's family can compare at all; strings compare with all."""


def can_match(condition: ConditionView, value: str) -> bool:
    """Whether some request's value for the key matches this listed value."""
    return why_impossible(condition, value) is None


def why_impossible(condition: ConditionView, value: str) -> Impossible | None:
    """Why no request's value can match the listed one; None where one may."""
    operator, facts = condition.operator, condition.facts
    if operator is None or facts is None or has_variables(value):
        return None
    if facts.shape != "text" and has_wildcard_taken_literally(condition, value):
        return taken_literally(condition)
    found = _why(operator, facts.shape, condition.key, value)
    if found is not None:
        return found if isinstance(found, Impossible) else Impossible(found)
    return _why_elsewhere(condition.key, facts.shape, value, condition.home.region)


def taken_literally(condition: ConditionView) -> Impossible:
    """Why a value with a wildcard matches nothing under an operator that has none."""
    written = condition.condition.operator
    why = f"`{written}` takes the wildcard in it for an ordinary character"
    return Impossible(why, f"write `{written.replace('Equals', 'Like')}`")


def _why_elsewhere(key: str, shape: Shape, value: str, region: str | None) -> Impossible | None:
    """A service of another Region than the key: only calls in the key's own Region reach the key."""
    if region is None or not (shape == "calling service" or key == "aws:requestedregion"):
        return None
    fixed = re.split(r"[*?]", value)[-1]
    named = region_of(fixed if "." in fixed else value) if shape == "calling service" else value
    if named is None or named == region or set("*?") & set(named):
        return None
    why = f"it is of `{named}`, and the key is in `{region}`"
    return Impossible(why, f"write `{value.replace(named, region)}`", is_elsewhere=True)


def is_unreadable(condition: ConditionView) -> bool:
    """Whether an operator such as `DateNotEquals` is given what it can't read: then it is false, negated or not."""
    operator, facts = condition.operator, condition.facts
    if operator is None or facts is None:
        return False
    kind = family(operator)
    reader = network if kind == "Ip" else _READERS.get(kind)
    if reader is None or kind == "Null":
        return False
    return facts.shape not in _FOR_COMPARISON.get(kind, {facts.shape}) or any(
        reader(value) is None for value in condition.values
    )


@lru_cache(maxsize=4096)
def _why(operator: Operator, shape: Shape, key: str, value: str) -> str | Impossible | None:  # noqa: PLR0911 - a rule each
    kind = family(operator)
    if kind in _FOR_COMPARISON and shape not in _FOR_COMPARISON[kind]:
        return f"`{operator.name}` can't compare this key: its value is {EXAMPLES[shape]}"
    known = _of_known_values(operator, key, value)
    if known is not None and not any(known.values()):
        return f"the value of this key is {_alternatives(known)}"
    if kind == "String":
        return why_not_text(operator, shape, key, value)
    if kind == "Arn":
        return why_not_arn(key, value)
    if kind == "Ip":
        return why_not_address(key, value)
    if _READERS[kind](value) is not None:
        return _why_out_of_range(operator, key, value)
    return f"`{operator.name}` compares with {_COMPARED[kind]}"


def _of_known_values(operator: Operator, key: str, value: str) -> dict[str, bool] | None:
    """Each value that the key can have, and whether it matches the listed one; None where they aren't all known."""
    values = finite_values(key)
    if values is None or operator.positive == "Null":
        return None
    test = Condition(f"ForAnyValue:{operator.positive}", key, (value,))
    return {item: condition_holds(test, {key: (item,)}, variables=False) for item in sorted(values)}


_MOST_LISTED = 4


def _alternatives(values: Iterable[str]) -> str:
    names = [f"`{value}`" for value in values]
    return " or ".join(names) if len(names) <= _MOST_LISTED else f"a name such as {names[1]}"


def _why_out_of_range(operator: Operator, key: str, value: str) -> str | None:
    bounds = _bounds(key)
    if bounds is None or family(operator) != "Numeric":
        return None
    low, high = bounds
    if _numeric(operator.positive, low, high, float(value))[0]:
        return None
    span = f"at least {low:g}" if high == inf else f"{low:g} to {high:g}"
    return f"the value of this key is {span}"


def _bounds(key: str) -> tuple[float, float] | None:
    found = number_range(key)
    return None if found is None else (found[0], inf if found[1] is None else found[1])


def _numeric(comparison: str, low: float, high: float, bound: float) -> tuple[bool, bool]:
    """Whether some number of a range satisfies a comparison with the bound, and whether all do."""
    return {
        "NumericEquals": (low <= bound <= high, low == high == bound),
        "NumericLessThan": (low < bound, high < bound),
        "NumericLessThanEquals": (low <= bound, high <= bound),
        "NumericGreaterThan": (high > bound, low > bound),
        "NumericGreaterThanEquals": (high >= bound, low >= bound),
    }[comparison]


def matches_everything(condition: ConditionView, value: str) -> bool:
    """Whether every value that a request can have for the key matches the listed one."""
    operator = condition.operator
    if operator is None:
        return False
    if operator.positive == "StringLike":
        return set(value) == {"*"}
    if family(operator) == "Arn":
        return all(set(part) == {"*"} or (at == 0 and part == "arn") for at, part in enumerate(value.split(":")))
    known = _of_known_values(operator, condition.key, value)
    if known is not None:
        return all(known.values())
    bounds = _bounds(condition.key)
    if family(operator) == "Numeric" and bounds is not None and number(value) is not None:
        return _numeric(operator.positive, *bounds, float(value))[1]
    return False


def has_wildcard_taken_literally(condition: ConditionView, value: str) -> bool:
    """Whether a `*` or `?` stands where the operator takes it for an ordinary character that the key never has."""
    operator, facts = condition.operator, condition.facts
    if operator is None or facts is None or family(operator) != "String" or takes_wildcards(operator):
        return False
    text = _VARIABLE.sub("", value)
    if facts.shape != "text":
        return "*" in text or "?" in text
    return text.startswith("arn:") and "*" in text
