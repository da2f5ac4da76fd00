"""Whether a value listed in a condition can be a value that AWS sends for the key.

Each rule is after AWS's description of the key or the operator; a value of a shape that AWS doesn't describe
is taken to be possible.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Network
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from keywright._internal.facts.condition_keys import finite_values, number_range
from keywright._internal.facts.services import missing_path, region_of
from keywright._internal.model.arn import Arn
from keywright._internal.policy.document import Condition
from keywright._internal.proof.evaluation.comparisons import boolean, instant, network, number, octets
from keywright._internal.proof.evaluation.conditions import condition_holds
from keywright._internal.proof.evaluation.variables import has_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from keywright._internal.facts.condition_keys import Shape
    from keywright._internal.proof.evaluation.conditions import Operator
    from keywright._internal.proof.findings.elements import ConditionView

_VARIABLE = re.compile(r"\$\{[^}]*\}")
_SHAPES: dict[str, re.Pattern[str]] = {
    "account": re.compile(r"^\d{12}$"),
    "organization": re.compile(r"^o-[a-zA-Z0-9]+$"),
    "organization path": re.compile(r"^o-[a-zA-Z0-9]+/.*$"),
    "vpc": re.compile(r"^vpc-\w+$"),
    "vpc endpoint": re.compile(r"^vpce-\w+$"),
    "alias": re.compile(r"^alias/.+$"),
    "calling service": re.compile(
        r"^[a-z0-9-]+\.(?:[a-z]{2}[a-z-]*-\d+\.amazonaws\.com|cn-[a-z]+-\d+\.amazonaws\.com\.cn)$"
    ),
    "Region": re.compile(r"^[a-z]{2}[a-z-]*-\d+$"),
    "arn": re.compile(r"^arn:[^:]*:[^:]*:[^:]*:[^:]*:.+$", re.DOTALL),
    "bool": re.compile(r"^(true|false)$", re.IGNORECASE),
}
_EXAMPLES: dict[str, str] = {
    "account": "a twelve-digit account number",
    "organization": "an organization id such as `o-a1b2c3d4e5`",
    "organization path": "a path that begins with an organization id, such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*`",
    "vpc": "a VPC id such as `vpc-0123456789abcdef0`",
    "vpc endpoint": "a VPC endpoint id such as `vpce-0123456789abcdef0`",
    "alias": "an alias name such as `alias/app`",
    "calling service": "a service name with its Region, such as `s3.eu-west-1.amazonaws.com`",
    "Region": "a Region such as `eu-west-1`",
    "arn": "an ARN",
    "bool": "`true` or `false`",
    "ip": "an IP address or range",
    "number": "a number",
    "date": "a date such as `2026-01-01T00:00:00Z`, or seconds since 1970",
}
_READERS: dict[str, Callable[[str], object]] = {
    "Bool": boolean,
    "Null": boolean,
    "Numeric": number,
    "Date": instant,
    "Binary": octets,
}
_COMPARED = {
    "Bool": _EXAMPLES["bool"],
    "Null": _EXAMPLES["bool"],
    "Numeric": _EXAMPLES["number"],
    "Date": _EXAMPLES["date"],
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


def family(operator: Operator) -> str:
    """What an operator reads values as: String, Numeric, Date, Bool, Binary, Ip, Arn or Null."""
    name = operator.positive
    return next((kind for kind in ("String", "Numeric", "Date", "Bool", "Binary", "Ip", "Arn") if kind in name), "Null")


def takes_wildcards(operator: Operator) -> bool:
    """Whether `*` and `?` in a value stand for other characters."""
    return operator.positive == "StringLike" or family(operator) == "Arn"


class Impossible(NamedTuple):
    """Why no request's value matches a listed one, as the end of a sentence, and what to write where that is known."""

    why: str
    remedy: str | None = None
    is_elsewhere: bool = False
    """Whether it only belongs to another Region, as in a policy that several Regions share."""


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


@lru_cache(maxsize=4096)
def _why(operator: Operator, shape: Shape, key: str, value: str) -> str | Impossible | None:  # noqa: PLR0911 - a rule each
    kind = family(operator)
    if kind in _FOR_COMPARISON and shape not in _FOR_COMPARISON[kind]:
        return f"`{operator.name}` can't compare this key: its value is {_EXAMPLES[shape]}"
    known = _of_known_values(operator, key, value)
    if known is not None and not any(known.values()):
        return f"the value of this key is {_alternatives(known)}"
    if kind == "String":
        return _why_not_text(operator, shape, key, value)
    if kind == "Arn":
        return _why_not_arn(key, value)
    if kind == "Ip":
        return _why_not_address(key, value)
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


def _why_not_text(operator: Operator, shape: Shape, key: str, value: str) -> str | Impossible | None:
    text = value.lower() if "IgnoreCase" in operator.name else value
    if takes_wildcards(operator) and ("*" in value or "?" in value):
        return _why_not_pattern(shape, key, value)
    if shape == "ip" and "/" in value:
        return "a string operator compares the address with the range's text; use `IpAddress`"
    pattern = _SHAPES.get(shape)
    if pattern is not None and not pattern.match(text):
        return f"the value of this key is {_EXAMPLES[shape]}"
    if key == "aws:principalarn":
        return _why_not_principal_arn(value)
    return None


_PREFIXES = {"arn": "arn:", "organization": "o-", "organization path": "o-", "vpc": "vpc-", "alias": "alias/"}
_PREFIXES["vpc endpoint"] = "vpce-"


def _why_not_pattern(shape: Shape, key: str, value: str) -> str | Impossible | None:
    fixed = re.split(r"[*?]", value)
    head, tail = fixed[0], fixed[-1]
    prefix = _PREFIXES.get(shape)
    wrong = prefix is not None and not head.startswith(prefix) and not prefix.startswith(head)
    if shape == "account":
        wrong = not re.fullmatch(r"[\d*?]*", value) or len(re.sub(r"[*?]", "", value)) > 12  # noqa: PLR2004
    if shape == "calling service":
        # AWS documents the first for every partition; in China's Regions policies are also seen with the second.
        suffixes = (".amazonaws.com", ".amazonaws.com.cn")
        wrong = not any(tail.endswith(suffix) or suffix.endswith(tail) for suffix in suffixes)
    if wrong:
        return f"the value of this key is {_EXAMPLES[shape]}"
    return _why_not_principal_arn(value) if key == "aws:principalarn" else None


def _why_not_arn(key: str, value: str) -> str | Impossible | None:
    if value.count(":") < 5:  # noqa: PLR2004 - an ARN has six parts
        return "an ARN operator compares the six parts of an ARN one by one, and this has fewer"
    if value.split(":", maxsplit=1)[0] not in {"arn", "*", "ar*", "a*", "???"}:
        return "it doesn't begin with `arn:`"
    return _why_not_principal_arn(value) if key == "aws:principalarn" else None


def _why_not_principal_arn(value: str) -> str | Impossible | None:  # noqa: PLR0911 - one return a rule
    arn = Arn.find(value)
    if arn is None:  # a pattern such as `*:role/app` may still match
        return None
    kind, _, name = arn.resource.partition("/")
    if kind == "assumed-role":
        return "this key holds the role's ARN (`arn:…:iam::…:role/NAME`), never that of a session"
    if arn.account and not re.fullmatch(r"[\d*?]{1,12}", arn.account):
        return f"`{arn.account}` is no account number"
    if kind in {"group", "policy", "instance-profile"} and name:
        return "an identity that calls is a user, a role or the root user"
    if arn.service not in {"iam", "sts"} and not set("*?") & set(arn.service):
        return "an identity's ARN is one of IAM or STS"
    path = missing_path(name) if kind == "role" else None
    if path is not None:
        mended = Arn(arn.partition, arn.service, arn.region, arn.account, f"role/{path}")
        return Impossible("AWS makes such a role with a path, which this key holds too", f"write `{mended}`")
    return None


def _why_not_address(key: str, value: str) -> str | None:
    found = network(value)
    if found is None:
        return "it is no IP address or range"
    if key == "aws:sourceip" and isinstance(found, IPv4Network) and any(found.subnet_of(it) for it in _PRIVATE):
        return "this key holds public addresses; private ones are in `aws:VpcSourceIp`"
    return None


_PRIVATE = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8"))


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
