"""What a condition key's values look like, and the value a witness uses where any other would do.

The shapes bound the search: a request never carries an account of three digits or an organization named `*`.
See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import re
import string
from functools import lru_cache
from ipaddress import IPv4Network
from typing import Final

from keywright._internal.facts.condition_keys import Shape, finite_values, key_facts, number_range
from keywright._internal.proof.evaluation.comparisons import address
from keywright._internal.proof.search.automata import (
    Glob,
    anything,
    characters,
    digits,
    literal,
    matches,
    sequence,
    without,
)

STRANGER_ACCOUNT: Final = "999999999999"
STRANGER_ORGANISATION: Final = "o-elsewhere99"

_ALNUM: Final = string.ascii_letters + string.digits
_LOWER: Final = string.ascii_lowercase + string.digits
_NAME: Final = _LOWER + "-"

_ARN_HEAD: Final = (literal("arn:"), characters(_NAME), literal(":"), characters(_NAME), literal(":"))
_ARN_REGION: Final = (characters(_NAME, at_least_one=False), literal(":"))
_ARN_TAIL: Final = (literal(":"), without("", at_least_one=True))
_IN_ORGANISATION: Final = (literal("o-"), characters(_ALNUM))

_DOMAINS: Final[dict[Shape, tuple[Glob, ...]]] = {
    "account": (digits(12),),
    "organization": (sequence(*_IN_ORGANISATION),),
    "organization path": (sequence(*_IN_ORGANISATION, literal("/"), characters(_ALNUM + "-/", at_least_one=False)),),
    "arn": (
        sequence(*_ARN_HEAD, *_ARN_REGION, digits(12), *_ARN_TAIL),
        sequence(*_ARN_HEAD, *_ARN_REGION, *_ARN_TAIL),
    ),
    "vpc": (sequence(literal("vpc-"), characters(_ALNUM)),),
    "vpc endpoint": (sequence(literal("vpce-"), characters(_ALNUM)),),
    "alias": (sequence(literal("alias/"), characters(_ALNUM + "/_-")),),
    "calling service": (sequence(characters(_NAME), literal("."), characters(_NAME), literal(".amazonaws.com")),),
    "Region": (characters(_NAME),),
}
_ANY_TEXT: Final = (anything(),)
_TAGS: Final = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")
_IN_TAGS: Final = _ALNUM + "_.:/=+-@ "
_TAG_VALUE: Final = without("".join(char for char in map(chr, range(0x80)) if char not in _IN_TAGS))
"""Letters and digits of any script, the space and a few signs, also none at all.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules
"""


def domains(key: str, shape: Shape) -> tuple[Glob, ...]:
    """The strings that are values of a key of this shape: those that AWS documents, and then any other.

    An ARN may or may not name an account.
    """
    documented = (_TAG_VALUE,) if shape == "text" and key.startswith(_TAGS) else _DOMAINS.get(shape, ())
    return (*documented, *_ANY_TEXT)


@lru_cache(maxsize=16384)
def is_documented(key: str, text: str) -> bool:
    """Whether a key can have a value, as AWS documents the key; what isn't documented is only possible."""
    finite = finite_values(key)
    return _has_form(key, text) if finite is None else text in finite


def _has_form(key: str, text: str) -> bool:
    facts = key_facts(key)
    shape: Shape = facts.shape if facts else "text"
    match shape:
        case "text":
            return matches(_TAG_VALUE, text) if key.startswith(_TAGS) else bool(text)
        case "bool":
            return text in {"true", "false"}
        case "date":
            return (_ISO if key != _IN_SECONDS_TOO else _ISO_OR_SECONDS).fullmatch(text) is not None
        case "number":
            least, greatest = number_range(key) or (0, None)
            return _INTEGER.fullmatch(text) is not None and int(text) >= least and int(text) <= (greatest or int(text))
        case "ip":
            found = address(text)
            return found is not None and (key != PUBLIC or not any(found in block for block in PRIVATE))
        case _:
            return any(matches(domain, text) for domain in _DOMAINS[shape])


PUBLIC: Final = "aws:sourceip"
"""The key that holds the public address of a call; `aws:VpcSourceIp` holds private ones."""
PRIVATE: Final = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8"))
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_ISO_OR_SECONDS: Final = re.compile(rf"{_ISO.pattern}|[0-9]{{5,}}")
_IN_SECONDS_TOO: Final = "kms:validto"
"""Dates that AWS's own examples compare as numbers.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-valid-to
"""
_INTEGER: Final = re.compile(r"0|[1-9][0-9]*")


_STRANGERS: Final[dict[Shape, tuple[str, ...]]] = {
    "account": (STRANGER_ACCOUNT, "888888888888", "777777777777"),
    "organization": (STRANGER_ORGANISATION, "o-elsewhere88"),
    "organization path": (f"{STRANGER_ORGANISATION}/r-else/ou-else-99999999/",),
    "arn": (f"arn:aws:sns:us-east-1:{STRANGER_ACCOUNT}:other", "arn:aws:s3:::somebody-elses-bucket"),
    "vpc": ("vpc-0e15e0000000000ff",),
    "vpc endpoint": ("vpce-0e15e0000000000ff",),
    "alias": ("alias/other",),
    "calling service": ("other.us-west-2.amazonaws.com", "other.ap-south-1.amazonaws.com"),
    "Region": ("us-west-2", "ap-south-1", "sa-east-1"),
}


@lru_cache(maxsize=64)
def strangers(shape: Shape) -> tuple[str, ...]:
    """Readable values that no policy is likely to name, best first."""
    return _STRANGERS.get(shape, ("other", "another", "yet-another"))
