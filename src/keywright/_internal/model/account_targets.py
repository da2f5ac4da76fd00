"""Which accounts the keys of a file are made in: by number, organizational unit, tag, or the whole organization."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator

from keywright._internal.model import values
from keywright._internal.model.value_error import Fault

_UNIT: Final = re.compile(r"ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32}")
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html"""
_ROLE: Final = re.compile(r"[\w+=,.@/-]{1,512}", re.ASCII)
_FORMS: Final = "write a list of accounts, `{ou: ou-…}`, `{tag: {NAME: VALUE}}` or `{organization: true}`"


@dataclass(frozen=True, slots=True)
class AccountSelection:
    """Accounts by exactly one of four ways.

    Args:
        listed: their numbers.
        units: organizational units, or the root, with every unit below them.
        tags: tags that an account has, all of them.
        organization: every account.
    """

    listed: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    organization: bool = False

    def __str__(self) -> str:
        if self.listed:
            return ", ".join(self.listed)
        if self.units:
            return " and ".join(self.units)
        named = ", ".join(f"{name}={value}" for name, value in self.tags)
        return "the organization" if self.organization else f"the tag {named}"


def _selection(value: Any) -> AccountSelection:
    match value:
        case [_, *_]:
            return AccountSelection(listed=_each_once([values.account_number(item) for item in value]))
        case {"ou": given, **rest} if not rest:
            return AccountSelection(units=_each_once([_unit(item) for item in _listed(given)]))
        case {"tag": {} as tags, **rest} if not rest and tags:
            return AccountSelection(tags=tuple((name, _tag(name, tags[name])) for name in tags))
        case {"organization": True, **rest} if not rest:
            return AccountSelection(organization=True)
        case {"role": _} | {"exclude": _}:
            raise Fault("holds more than the accounts", "write `role:` and `exclude:` beside `accounts:`")
    raise Fault("doesn't say which accounts", _FORMS)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) and value else [value]


def _unit(value: Any) -> str:
    if not isinstance(value, str) or not _UNIT.fullmatch(value):
        raise Fault(f"names `{value}`, which is not an organizational unit", "write its id: `ou-abcd-12345678`")
    return value


def _tag(name: str, value: Any) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise Fault(f"has no text as the value of the tag `{name}`", "write it in quotes")
    return str(value)


def _each_once(items: list[str]) -> tuple[str, ...]:
    twice = next((item for item in items if items.count(item) > 1), None)
    if twice is not None:
        raise Fault(f"names `{twice}` twice", "keep one of them")
    return tuple(items)


def _excluded(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise Fault("is not a list", 'write the accounts in a list, for example `["111122223333"]`')
    return _each_once([values.account_number(item) for item in value])


def _role(value: str) -> str:
    if not _ROLE.fullmatch(value):
        raise Fault("is not the name of a role", "write its name, with its path if it has one, without `arn:`")
    return value


class AccountTarget(BaseModel):
    """One entry of `targets`: accounts, how they are entered, and what differs there."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    accounts: Annotated[AccountSelection, PlainValidator(_selection)]
    """A list of accounts, `{ou: …}` (with every unit below), `{tag: {NAME: VALUE}}` or `{organization: true}`."""
    role: Annotated[str, AfterValidator(_role)]
    """The name of the role to assume in each account, with its path if it has one."""
    exclude: Annotated[tuple[str, ...], PlainValidator(_excluded)] = ()
    """Accounts to leave out."""
    region: values.Region | None = None
    """The Region of keys that name none, in place of the file's."""
    parameters: dict[str, Any] = Field(default_factory=dict)
    """Values of the file's `parameters` in these accounts."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The keys of a file in one account.

    Args:
        account: its number.
        partition: AWS's partition.
        role_arn: the role that reaches it; None for the caller's own account.
        region: the Region of keys that name none, where the target says one.
        parameters: the values of all parameters there.
        name: the account's name, where the organization told it.
    """

    account: str
    partition: str
    role_arn: str | None
    region: str | None
    parameters: dict[str, Any]
    name: str = ""
