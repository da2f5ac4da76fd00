"""The forms that values of condition keys have, and why a listed one can't be a value of that form.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, NamedTuple

from keywright._internal.facts.services import missing_path
from keywright._internal.model.arn import Arn
from keywright._internal.proof.evaluation.comparisons import network
from keywright._internal.proof.search.shapes import PRIVATE, PUBLIC

if TYPE_CHECKING:
    from keywright._internal.facts.condition_keys import Shape
    from keywright._internal.proof.evaluation.conditions import Operator

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
EXAMPLES: dict[str, str] = {
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


def why_not_text(operator: Operator, shape: Shape, key: str, value: str) -> str | Impossible | None:
    """Why a listed text can't be a value of a key of this shape; None where it can."""
    text = value.lower() if "IgnoreCase" in operator.name else value
    if takes_wildcards(operator) and ("*" in value or "?" in value):
        return _why_not_pattern(shape, key, value)
    if shape == "ip" and "/" in value:
        return "a string operator compares the address with the range's text; use `IpAddress`"
    pattern = _SHAPES.get(shape)
    if pattern is not None and not pattern.match(text):
        return f"the value of this key is {EXAMPLES[shape]}"
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
        return f"the value of this key is {EXAMPLES[shape]}"
    return _why_not_principal_arn(value) if key == "aws:principalarn" else None


def why_not_arn(key: str, value: str) -> str | Impossible | None:
    """Why a listed ARN or pattern can't be a value of the key; None where it can."""
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


def why_not_address(key: str, value: str) -> str | None:
    """Why a listed address or range can't be one that the key holds; None where it can."""
    found = network(value)
    if found is None:
        return "it is no IP address or range"
    if key == PUBLIC and isinstance(found, IPv4Network) and any(found.subnet_of(it) for it in PRIVATE):
        return "this key holds public addresses; private ones are in `aws:VpcSourceIp`"
    return None
