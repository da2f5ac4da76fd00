"""The types of a key's fields: what a single value may be, whatever the other fields say."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from keywright._internal.facts.offerings import offered_specs, partition_of_region, why_not_offered
from keywright._internal.model import text_rules
from keywright._internal.model.spelling import did_you_mean
from keywright._internal.model.value_error import Fault

MAX_ALIASES = 50
MAX_TAGS = 50
"""KMS's quotas: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html"""

_ACCOUNT = re.compile(r"[0-9]{12}")
_ROLE_ARN = re.compile(
    r"arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/([\x21-\x29\x2b-\x3e\x40-\x7e]+/)?[a-zA-Z0-9_+=,.@-]{1,64}",
)
_PLAIN_TAG = re.compile(r"[a-zA-Z0-9 _.:/=+@-]*")


def _alias(value: str) -> str:
    return f"alias/{text_rules.ALIAS.check(value.removeprefix('alias/'))}"


def _aliases(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(values) > MAX_ALIASES:
        raise Fault(
            f"holds {len(values)} aliases; KMS takes {MAX_ALIASES} a key", "remove some, or declare another key"
        )
    return _unique(values)


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise Fault(f"names `{value}` twice", "keep one of them")
        seen.add(value)
    return values


def _principal_text(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"durable"}:
        return f"durable:{value['durable']}"
    if isinstance(value, dict) and "permission_set" in value and set(value) <= {"permission_set", "account"}:
        prefix = f"{value['account']}/" if "account" in value else ""
        return f"permission_set:{prefix}{value['permission_set']}"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise Fault("is not a principal", "write an ARN, `{durable: ARN}` or `{permission_set: NAME}`")
    return value


def _region(value: str) -> str:
    regions = partition_of_region()
    if value not in regions:
        raise Fault("is not an AWS Region", did_you_mean(value, regions) or "write for example `eu-west-1`")
    return value


def _spec(value: str) -> str:
    reason = why_not_offered(value)
    if reason is not None:
        remedy = did_you_mean(value, offered_specs()) or f"write one of {', '.join(offered_specs())}"
        raise Fault(reason, remedy)
    return value


def account_number(value: Any) -> str:
    """An account's twelve digits.

    Raises:
        Fault: it is something else.
    """
    # Read by YAML's core schema, a number of twelve digits has lost nothing: with a leading zero it stays text.
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _ACCOUNT.fullmatch(text):
        raise Fault("is not an account", 'write its twelve digits in quotes, for example `"111122223333"`')
    return text


def _role_arn(value: str) -> str:
    if not _ROLE_ARN.fullmatch(value):
        raise Fault("is not the ARN of a role", "write `arn:aws:iam::ACCOUNT:role/NAME`")
    return value


def _tags(value: dict[str, str]) -> dict[str, str]:
    if len(value) > MAX_TAGS:
        raise Fault(f"holds {len(value)} tags; KMS takes at most {MAX_TAGS}", "remove some")
    return value


def _tag_name(value: str) -> str:
    return _tag_text(text_rules.TAG_NAME.check(value))


def _tag_value(value: str) -> str:
    return _tag_text(text_rules.TAG_VALUE.check(value))


def _tag_text(value: str) -> str:
    if not _PLAIN_TAG.fullmatch(value):
        for character in value:
            if unicodedata.category(character)[0] not in "LZN" and character not in "_.:/=+-@":
                raise Fault(f"holds `{character}`, which tags may not", "use letters, digits, spaces and `_.:/=+-@`")
    return value


def without_nulls(value: Any) -> Any:
    """A mapping without its members that are null, which are as good as left out."""
    return {name: item for name, item in value.items() if item is not None} if isinstance(value, Mapping) else value


def _claim(value: str) -> str:
    if not value.strip():
        raise Fault("is an empty claim", "write what must hold, for example `nobody outside [..] can [kms:Decrypt]`")
    return value


def _reason(value: str) -> str:
    if not value.strip():
        raise Fault("has no reason", "say why the claim need not hold")
    return value


Alias = Annotated[str, AfterValidator(_alias)]
Aliases = Annotated[tuple[Alias, ...], Field(strict=False), AfterValidator(_aliases)]
PrincipalText = Annotated[str, BeforeValidator(_principal_text), AfterValidator(text_rules.PRINCIPAL.check)]
Principals = Annotated[tuple[PrincipalText, ...], Field(strict=False), AfterValidator(_unique)]
ServicePrincipal = Annotated[str, AfterValidator(text_rules.SERVICE.check)]
ServicePrincipals = Annotated[tuple[ServicePrincipal, ...], Field(strict=False), AfterValidator(_unique)]
Region = Annotated[str, AfterValidator(_region)]
Spec = Annotated[str, AfterValidator(_spec)]
Account = Annotated[str, Field(pattern=r"^[0-9]{12}$"), BeforeValidator(account_number)]
RoleArn = Annotated[str, AfterValidator(_role_arn)]
PrimaryArn = Annotated[str, AfterValidator(text_rules.PRIMARY_ARN.check)]
DELETION_WINDOW = (7, 30)
ROTATION_PERIOD = (90, 2560)
"""Days, from least to most."""
MAX_DESCRIPTION = 8192

WindowInDays = Annotated[int, Field(ge=DELETION_WINDOW[0], le=DELETION_WINDOW[1])]
RotationPeriod = Annotated[int, Field(ge=ROTATION_PERIOD[0], le=ROTATION_PERIOD[1])]
Description = Annotated[str, Field(max_length=MAX_DESCRIPTION)]
Tags = Annotated[
    dict[Annotated[str, AfterValidator(_tag_name)], Annotated[str, AfterValidator(_tag_value)]],
    AfterValidator(_tags),
]
Claims = Annotated[tuple[Annotated[str, AfterValidator(_claim)], ...], Field(strict=False)]
Waivers = dict[str, Annotated[str, AfterValidator(_reason)]]
