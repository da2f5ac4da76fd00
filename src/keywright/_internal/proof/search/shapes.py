"""What a condition key's values look like, and the value a witness uses where any other would do.

The shapes bound the search: a request never carries an account of three digits or an organisation named `*`.
See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import string
from functools import lru_cache
from typing import Final

from keywright._internal.facts.condition_keys import Shape
from keywright._internal.proof.search.globs import Glob, characters, digits, literal, sequence

STRANGER_ACCOUNT: Final = "999999999999"
STRANGER_ORGANISATION: Final = "o-elsewhere99"

_ALNUM: Final = string.ascii_letters + string.digits
_LOWER: Final = string.ascii_lowercase + string.digits
PRINTABLE: Final = "".join(chr(code) for code in range(0x20, 0x7F))
_NAME: Final = _LOWER + "-"

_ARN_HEAD: Final = (literal("arn:"), characters(_NAME), literal(":"), characters(_NAME), literal(":"))
_ARN_REGION: Final = (characters(_NAME, at_least_one=False), literal(":"))
_ARN_TAIL: Final = (literal(":"), characters(PRINTABLE))
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
_TEXT: Final = (characters(PRINTABLE),)


def domains(shape: Shape) -> tuple[Glob, ...]:
    """The strings that are values of this shape; an ARN may or may not name an account."""
    return _DOMAINS.get(shape, _TEXT)


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
