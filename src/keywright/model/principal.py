"""The three ways to name a principal, which differ in what happens when the role is deleted and made again.

An IAM ARN is *pinned*: KMS stores the identity behind it, so a re-created role of the same name has no access.
`durable:ARN` and `permission_set:[ACCOUNT/]NAME` match by name and survive.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PARTITION = r"aws(?:-[a-z]+)*"
_IAM_ARN = re.compile(
    rf"^arn:(?P<partition>{_PARTITION}):iam::(?P<account>\d{{12}}):"
    r"(?P<resource>root|(?:user|role)/[\x21-\x29\x2b-\x3e\x40-\x7e]+)$",
)
_STS_ARN = re.compile(
    rf"^arn:(?P<partition>{_PARTITION}):sts::(?P<account>\d{{12}}):"
    r"(?P<resource>assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+)$",
)
_PERMISSION_SET = re.compile(r"^(?:(?P<account>\d{12})/)?(?P<name>[\w+=,.@-]{1,32})$")


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
        ValueError: KMS would refuse it; the message says why and what to write.
    """
    if text.startswith("permission_set:"):
        match = _PERMISSION_SET.match(text.removeprefix("permission_set:"))
        if match is None:
            raise ValueError("is not a permission set; write `permission_set:NAME` or `permission_set:ACCOUNT/NAME`")
        return PermissionSet(match["name"], match["account"])
    durable = text.startswith("durable:")
    arn = text.removeprefix("durable:")
    if "*" in arn or "?" in arn:
        raise ValueError(
            "has a wildcard, which KMS refuses inside a principal; name the role, or write `permission_set:NAME`",
        )
    match = _IAM_ARN.match(arn) or (None if durable else _STS_ARN.match(arn))
    if match is None:
        raise ValueError(
            "is not the ARN of a role, user or account root; write `arn:aws:iam::ACCOUNT:role/NAME`",
        )
    kind = Durable if durable else Pinned
    return kind(arn, match["partition"], match["account"])
