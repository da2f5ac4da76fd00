r"""What a text may be: the rules that the model checks and from which the Terraform module's validations are written.

So that one text serves both, expressions keep to what Python and RE2 mean the same by: explicit character classes,
`\A` and `\Z` for a text's ends (`\z` in RE2), no look-around. A message may hold `{found}`, what the expression found;
a remedy `{value}`, and `{bare}` for the value without its `durable:`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from keywright._internal.facts.condition_operators import OPERATORS, operator_pattern
from keywright._internal.model.spelling import did_you_mean
from keywright._internal.model.value_error import Fault


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason to refuse a text.

    Args:
        pattern: what a refused text holds, as a regular expression; empty for any text.
        message: what is wrong, as the predicate of the value.
        remedy: what to write instead.
        suggest: what Python says in place of the remedy, where it knows better; "" where it doesn't.
    """

    pattern: str
    message: str
    remedy: str
    suggest: Callable[[str], str] | None = None


@dataclass(frozen=True, slots=True)
class TextRule:
    """A text is right where it fits `accepts`, or where no refusal fits it; the first that fits says what is wrong."""

    refusals: tuple[Refusal, ...]
    accepts: str | None = None

    def check(self, value: str) -> str:
        """The text.

        Raises:
            Fault: it isn't right.
        """
        if self.accepts is not None and _compiled(self.accepts).search(value):
            return value
        for refusal in self.refusals:
            match = _compiled(refusal.pattern).search(value)
            if match is not None:
                remedy = refusal.remedy.format(value=value, bare=value.removeprefix("durable:"))
                suggested = refusal.suggest(value) if refusal.suggest is not None else ""
                raise Fault(refusal.message.format(found=match[0]), suggested or remedy)
        return value


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def only(accepts: str, message: str, remedy: str, suggest: Callable[[str], str] | None = None) -> TextRule:
    """The rule that a text fits an expression as a whole."""
    return TextRule((Refusal("", message, remedy, suggest),), rf"\A(?:{accepts})\Z")


MAX_ALIAS_LENGTH = 256
MAX_TAG_NAME = 128
MAX_TAG_VALUE = 256
MAX_CONTEXT_VALUE = 384
"""KMS's quotas: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html and, of grant constraints,
https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html"""


def _alias_like(value: str) -> str:
    name = re.sub(r"[^a-zA-Z0-9/_-]+", "-", value).strip("-")[:40] or "my-app"
    return f"write for example `{name}`"


ALIAS = TextRule(
    (
        Refusal(r"\Aaws/", "is reserved for AWS managed keys", "choose a name that does not begin with `aws/`"),
        Refusal(
            r"[^a-zA-Z0-9/_-]|\A\Z",
            "may hold only letters, digits, `/`, `_` and `-`",
            "write for example `my-app`",
            _alias_like,
        ),
        Refusal(
            rf"\A(?s:.){{{MAX_ALIAS_LENGTH - len('alias/') + 1},}}\Z",
            f"is longer than {MAX_ALIAS_LENGTH} characters with its `alias/` prefix",
            "shorten it",
        ),
    )
)
"""An alias without its prefix."""

_PARTITION = r"aws(-[a-z]+)*"
_NAME = r"[a-zA-Z0-9_+=,.@-]{1,64}"
_PATH = r"([!-)+->@-~]+/)?"
_IDENTITY = rf"arn:{_PARTITION}:iam::[0-9]{{12}}:(user|role)/{_PATH}{_NAME}"
_ROOT = rf"arn:{_PARTITION}:iam::[0-9]{{12}}:root"
_SESSION = rf"arn:{_PARTITION}:sts::[0-9]{{12}}:(assumed-role/{_NAME}/|federated-user/){_NAME}"
_WRITE_AN_ARN = "write `arn:aws:iam::ACCOUNT:role/NAME`"
_NO_PRINCIPALS = (
    Refusal(
        r"[*?]",
        "has a wildcard, which KMS refuses inside a principal",
        "name the role, or write `permission_set:NAME`",
    ),
    Refusal(
        r"\A(durable:)?A(ROA|IDA|GPA|KIA|SIA)[A-Z0-9]{12,}\Z",
        "is the unique id that is left of a deleted role or user",
        "name the role that has its place now by its ARN",
    ),
    Refusal(r"\A(durable:)?[0-9]{12}\Z", "is an account's number", "write `arn:aws:iam::{bare}:root`"),
    Refusal(r":group/", "is a group, which KMS takes for no principal", "name the role its members use"),
    Refusal(r"\.amazonaws\.com(\.cn)?\Z", "is a service", "name it under `key_service_users`"),
    Refusal(rf"\A(durable:)?arn:{_PARTITION}:(iam|sts):[^:]+:", "names a Region, which IAM has none of", _WRITE_AN_ARN),
    Refusal(
        rf"\A(durable:)?arn:{_PARTITION}:(iam|sts)::([^:]{{0,11}}|[^:]{{13,}}|[^:]*[^0-9:][^:]*):",
        "has no account of twelve digits",
        _WRITE_AN_ARN,
    ),
    Refusal("", "is not the ARN of a role, user or account root", _WRITE_AN_ARN),
)
"""Why KMS would refuse a principal; the first that fits."""

PRINCIPAL = TextRule(
    (
        Refusal(
            r"\Apermission_set:",
            "is not a permission set",
            "write `permission_set:NAME` or `permission_set:ACCOUNT/NAME`, the name of at most 32 characters",
        ),
        Refusal(
            rf"\Adurable:{_ROOT}\Z", "is an account, which has no role to outlive", "write `{bare}` without `durable`"
        ),
        *_NO_PRINCIPALS,
    ),
    rf"\A(?:(durable:)?{_IDENTITY}|{_ROOT}|{_SESSION}|permission_set:([0-9]{{12}}/)?[a-zA-Z0-9_+=,.@-]{{1,32}})\Z",
)
PINNED_PRINCIPAL = TextRule(
    (
        Refusal(
            r"\A(durable|permission_set):",
            "is a form that only `key_administrator_arns` and `key_user_arns` take",
            "write the ARN of a role, user or account root",
        ),
        *_NO_PRINCIPALS,
    ),
    rf"\A(?:{_IDENTITY}|{_ROOT}|{_SESSION})\Z",
)
"""A principal that can only be named by its ARN."""


def _service_like(value: str) -> str:
    return f"write for example `{value}.amazonaws.com`" if re.fullmatch(r"[a-z0-9-]+", value) else ""


SERVICE = only(
    r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?",
    "is not a service principal",
    "write for example `logs.us-east-1.amazonaws.com`",
    _service_like,
)
PRIMARY_ARN = only(
    rf"arn:{_PARTITION}:kms:[a-z0-9-]+:[0-9]{{12}}:key/mrk-[0-9a-f]{{32}}",
    "is not the ARN of a multi-Region key",
    "write `arn:aws:kms:REGION:ACCOUNT:key/mrk-…`",
)
POLICY_TEXT = TextRule(
    (
        Refusal(
            "[^\\t\\n\\r\\x20-\\xff]",
            "holds the character `{found}`, which KMS does not take in a policy",
            "replace it",
        ),
    )
)
"""https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"""

TAG_NAME = TextRule(
    (
        Refusal(r"\A[aA][wW][sS]:", "begins with `aws:`, which is reserved", "choose another name"),
        Refusal(r"\A\Z", f"is not a tag's name of 1 to {MAX_TAG_NAME} characters", "name the tag"),
        Refusal(
            rf"\A(?s:.){{{MAX_TAG_NAME + 1},}}\Z",
            f"is not a tag's name of 1 to {MAX_TAG_NAME} characters",
            "shorten it",
        ),
    )
)
TAG_VALUE = TextRule(
    (
        Refusal(
            rf"\A(?s:.){{{MAX_TAG_VALUE + 1},}}\Z",
            f"is longer than the {MAX_TAG_VALUE} characters of a tag's value",
            "shorten it",
        ),
    )
)

ACTION = only(r"\*|[kK][mM][sS]:[a-zA-Z*?]+", "is not an action of KMS", "write for example `kms:Decrypt`")
OPERATOR = only(
    operator_pattern(),
    "is not a condition operator",
    "write for example `StringEquals`",
    lambda value: did_you_mean(value, OPERATORS),
)
CONDITION_KEY = only(r"[a-zA-Z0-9-]+:[^\s](?s:.)*", "is not a condition key", "write for example `aws:PrincipalOrgID`")
GRANT_NAME = only(r"[a-zA-Z0-9:/_-]{1,256}", "is not a name for a grant", "use 1 to 256 letters, digits and `:/_-`")
