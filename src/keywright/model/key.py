"""A key as a person declares it: every input of the interface, its default and the rules of its own value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from keywright.model.facts import key_specs, partition_of_region, usages_of
from keywright.model.pattern_use import DeclaredPatternUse
from keywright.model.principal import PermissionSet, parse_principal

DEFAULT_DESCRIPTION = "Customer-managed key, declared with Keywright"
MAX_ALIAS_LENGTH = 256
MAX_TAGS = 50
_ALIAS = re.compile(r"^alias/[a-zA-Z0-9/_-]+$")
_TAG = re.compile(r"^[\w\s.:/=+@-]*$")
_SERVICE = re.compile(r"^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$")
_ROLE_ARN = re.compile(
    r"^arn:aws(-[a-z]+)*:iam::\d{12}:role/([\x21-\x29\x2b-\x3e\x40-\x7e]+/)?[\w+=,.@-]{1,64}$",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class KeySetting:
    """Where a key lives; a policy needs it for its ARNs."""

    partition: str
    account: str
    region: str


def _alias(value: str) -> str:
    name = value if value.startswith("alias/") else f"alias/{value}"
    if name.startswith("alias/aws/"):
        raise ValueError("is reserved for AWS managed keys; choose a name that does not begin with `aws/`")
    if not _ALIAS.match(name):
        raise ValueError("may hold only letters, digits, `/`, `_` and `-`")
    if len(name) > MAX_ALIAS_LENGTH:
        raise ValueError(f"is longer than {MAX_ALIAS_LENGTH} characters with its `alias/` prefix")
    return name


def _principal_text(value: Any) -> Any:
    if isinstance(value, dict) and set(value) == {"durable"}:
        return f"durable:{value['durable']}"
    if isinstance(value, dict) and "permission_set" in value and set(value) <= {"permission_set", "account"}:
        prefix = f"{value['account']}/" if "account" in value else ""
        return f"permission_set:{prefix}{value['permission_set']}"
    return value


def _principal(value: str) -> str:
    parse_principal(value)
    return value


def _service(value: str) -> str:
    if not _SERVICE.match(value):
        raise ValueError("is not a service principal; write for example `logs.us-east-1.amazonaws.com`")
    return value


def _region(value: str) -> str:
    if value not in partition_of_region():
        raise ValueError("is not an AWS Region; write for example `eu-west-1`")
    return value


def _spec(value: str) -> str:
    if value not in key_specs():
        raise ValueError(f"is not a key spec; write one of {', '.join(key_specs())}")
    if not usages_of(value):
        raise ValueError("has no usage that this interface offers (its usage is ENCAPSULATE_DECAPSULATE)")
    return value


def _role_arn(value: str) -> str:
    if not _ROLE_ARN.match(value):
        raise ValueError("is not the ARN of a role; write `arn:aws:iam::ACCOUNT:role/NAME`")
    return value


def _tags(value: dict[str, str]) -> dict[str, str]:
    if len(value) > MAX_TAGS:
        raise ValueError(f"holds {len(value)} tags; KMS takes at most {MAX_TAGS}")
    for name, text in value.items():
        if name.lower().startswith("aws:"):
            raise ValueError(f"has the tag `{name}`; names that begin with `aws:` are reserved")
        if not 1 <= len(name) <= 128 or len(text) > 256 or not _TAG.match(name) or not _TAG.match(text):  # noqa: PLR2004 - KMS's own limits
            raise ValueError(f"has the tag `{name}`, which is too long or holds a character that tags may not")
    return value


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"names `{twice[0]}` twice")
    return values


Alias = Annotated[str, AfterValidator(_alias)]
PrincipalText = Annotated[str, BeforeValidator(_principal_text), AfterValidator(_principal)]
ServicePrincipal = Annotated[str, AfterValidator(_service)]
Region = Annotated[str, AfterValidator(_region)]
Account = Annotated[str, Field(pattern=r"^\d{12}$")]
RoleArn = Annotated[str, AfterValidator(_role_arn)]
WindowInDays = Annotated[int, Field(ge=7, le=30)]
Description = Annotated[str, Field(max_length=8192)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ReplicaRegion(_Strict):
    """What may differ in one replica; what is left out comes from the primary."""

    description: Description | None = None
    deletion_window_in_days: WindowInDays | None = None
    enabled: bool = True
    policy: str | None = None


class Key(_Strict):
    """One customer-managed key: the same names, defaults and rules as the Terraform module's variables."""

    description: Description = DEFAULT_DESCRIPTION
    aliases: Annotated[tuple[Alias, ...], Field(strict=False), AfterValidator(_unique)] = ()
    key_usage: Literal["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"] = "ENCRYPT_DECRYPT"
    customer_master_key_spec: Annotated[str, AfterValidator(_spec)] = "SYMMETRIC_DEFAULT"
    enable_key_rotation: bool = True
    rotation_period_in_days: Annotated[int, Field(ge=90, le=2560)] | None = None
    deletion_window_in_days: WindowInDays = 30
    is_enabled: bool = True
    multi_region: bool = False
    policy: str | None = None
    key_administrator_arns: Annotated[tuple[PrincipalText, ...], Field(strict=False), AfterValidator(_unique)] = ()
    key_user_arns: Annotated[tuple[PrincipalText, ...], Field(strict=False), AfterValidator(_unique)] = ()
    key_service_users: Annotated[tuple[ServicePrincipal, ...], Field(strict=False), AfterValidator(_unique)] = ()
    key_service_pins: Annotated[
        tuple[Literal["kms:CallerAccount", "aws:SourceAccount"], ...],
        Field(strict=False, min_length=1),
    ] = ("kms:CallerAccount", "aws:SourceAccount")
    patterns: Annotated[tuple[DeclaredPatternUse, ...], Field(strict=False)] = ()
    enable_default_root_policy: bool = True
    bypass_policy_lockout_safety_check: bool = False
    replica_regions: dict[Region, ReplicaRegion] = Field(default_factory=dict)
    replica_primary_key_arn: (
        Annotated[str, Field(pattern=r"^arn:aws(-[a-z]+)*:kms:[a-z0-9-]+:\d{12}:key/mrk-[0-9a-f]{32}$")] | None
    ) = None
    tags: Annotated[dict[str, str], AfterValidator(_tags)] = Field(default_factory=dict)
    region: Region | None = None
    account: Account | None = None
    assume_role_arn: RoleArn | None = None
    claims: Annotated[tuple[str, ...], Field(strict=False)] = ()

    @property
    def rotates(self) -> bool | None:
        """Whether KMS rotates the key; None for a key that has no automatic rotation."""
        if self.customer_master_key_spec != "SYMMETRIC_DEFAULT":
            return None
        return self.enable_key_rotation

    @model_validator(mode="after")
    def _fields_fit_together(self) -> Key:
        broken = tuple(_conflicts(self))
        if broken:
            raise ValueError("; ".join(broken))
        return self


def _conflicts(key: Key) -> list[str]:
    found: list[str] = []
    fitting = usages_of(key.customer_master_key_spec)
    if key.key_usage not in fitting:
        found.append(
            f"`key_usage` {key.key_usage} does not fit the spec {key.customer_master_key_spec}; "
            f"write `key_usage: {fitting[0]}`",
        )
    if key.rotation_period_in_days is not None and not key.rotates:
        found.append("`rotation_period_in_days` is set, but the key does not rotate; remove it")
    if key.replica_regions and not (key.multi_region or key.replica_primary_key_arn):
        found.append("`replica_regions` needs `multi_region: true` or `replica_primary_key_arn`")
    if key.region is not None and key.region in key.replica_regions:
        found.append(f"`replica_regions` names {key.region}, the primary's own Region; remove it there")
    regions = [name for name in (key.region, *key.replica_regions) if name is not None]
    named = [parse_principal(text) for text in (*key.key_administrator_arns, *key.key_user_arns)]
    partitions = {partition_of_region()[region] for region in regions}
    partitions |= {item.partition for item in named if not isinstance(item, PermissionSet)}
    if len(partitions) > 1:
        found.append(f"the key names several partitions ({', '.join(sorted(partitions))}); a key lives in one")
    return found
