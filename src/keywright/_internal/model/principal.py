"""The three ways to name a principal, which differ in what happens when the role is deleted and created again.

An IAM ARN is *pinned*: KMS stores the identity behind it, so a re-created role of the same name has no access.
`durable:ARN` and `permission_set:[ACCOUNT/]NAME` match by name and survive.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from keywright._internal.model.arn import Arn
from keywright._internal.model.text_rules import PRINCIPAL

_PERMISSION_SET = re.compile(r"permission_set:(?:(?P<account>[0-9]{12})/)?(?P<name>.*)")


@dataclass(frozen=True, slots=True)
class Pinned:
    """A principal by ARN; dies with the role or user behind it."""

    arn: str
    partition: str
    account: str


@dataclass(frozen=True, slots=True)
class Durable:
    """A principal by the text of its ARN; survives deletion and re-creation."""

    arn: str
    partition: str
    account: str


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """The roles that IAM Identity Center makes for a permission set; `account` is None for the key's own."""

    name: str
    account: str | None


NamedPrincipal = Pinned | Durable | PermissionSet


def parse_principal(text: str) -> NamedPrincipal:
    """Read one entry of `key_administrator_arns` or `key_user_arns`.

    Raises:
        Fault: KMS would refuse it.
    """
    PRINCIPAL.check(text)
    named = _PERMISSION_SET.fullmatch(text)
    if named is not None:
        return PermissionSet(named["name"], named["account"])
    arn = Arn.parse(text.removeprefix("durable:"))
    kind = Durable if text.startswith("durable:") else Pinned
    return kind(str(arn), arn.partition, arn.account)
