"""The three ways to name a principal, which differ in what happens when the role is deleted and made again.

An IAM ARN is *pinned*: KMS stores the identity behind it, so a re-created role of the same name has no access.
`durable:ARN` and `permission_set:[ACCOUNT/]NAME` match by name and survive.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from keywright._internal.model.value_error import Fault

_PARTITION = r"aws(?:-[a-z]+)*"
_NAME = r"[a-zA-Z0-9_+=,.@-]{1,64}"
_PATH = r"(?:[\x21-\x29\x2b-\x3e\x40-\x7e]+/)?"
_IAM_ARN = re.compile(
    rf"arn:(?P<partition>{_PARTITION}):iam::(?P<account>[0-9]{{12}}):(?P<resource>root|(?:user|role)/{_PATH}{_NAME})",
)
_STS_ARN = re.compile(
    rf"arn:(?P<partition>{_PARTITION}):sts::(?P<account>[0-9]{{12}}):"
    rf"(?P<resource>assumed-role/{_NAME}/{_NAME}|federated-user/{_NAME})",
)
_PERMISSION_SET = re.compile(r"(?:(?P<account>[0-9]{12})/)?(?P<name>[a-zA-Z0-9_+=,.@-]{1,32})")
_WRITE_AN_ARN = "write `arn:aws:iam::ACCOUNT:role/NAME`"


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
    if text.startswith("permission_set:"):
        match = _PERMISSION_SET.fullmatch(text.removeprefix("permission_set:"))
        if match is None:
            raise Fault(
                "is not a permission set",
                "write `permission_set:NAME` or `permission_set:ACCOUNT/NAME`, the name of at most 32 characters",
            )
        return PermissionSet(match["name"], match["account"])
    durable = text.startswith("durable:")
    arn = text.removeprefix("durable:")
    match = _IAM_ARN.fullmatch(arn) or (None if durable else _STS_ARN.fullmatch(arn))
    if match is None:
        raise _fault(arn)
    if durable and match["resource"] == "root":
        raise Fault("is an account, which has no role to outlive", f"write `{arn}` without `durable`")
    kind = Durable if durable else Pinned
    return kind(arn, match["partition"], match["account"])


def pinned_principal(text: str) -> Pinned:
    """Read a principal that can only be named by its ARN.

    Raises:
        Fault: KMS would refuse it, or it is one of the forms that match by name.
    """
    principal = parse_principal(text)
    if not isinstance(principal, Pinned):
        raise Fault(
            "is a form that only `key_administrator_arns` and `key_user_arns` take",
            "write the ARN of a role, user or account root",
        )
    return principal


_FAULTS = (
    (
        re.compile(r".*[*?].*"),
        "has a wildcard, which KMS refuses inside a principal",
        "name the role, or write `permission_set:NAME`",
    ),
    (
        re.compile(r"A(ROA|IDA|GPA|KIA|SIA)[A-Z0-9]{12,}"),
        "is the unique id that is left of a deleted role or user",
        "name the role that has its place now by its ARN",
    ),
    (re.compile(r"[0-9]{12}"), "is an account's number", "write `arn:aws:iam::ACCOUNT:root`"),
    (re.compile(r".*:group/.*"), "is a group, which KMS takes for no principal", "name the role its members use"),
    (re.compile(r".*\.amazonaws\.com(\.cn)?"), "is a service", "name it under `key_service_users`"),
    (re.compile(rf"arn:{_PARTITION}:(iam|sts):[^:]+:.*"), "names a Region, which IAM has none of", _WRITE_AN_ARN),
    (
        re.compile(rf"arn:{_PARTITION}:(iam|sts)::(?![0-9]{{12}}:)[^:]*:.*"),
        "has no account of twelve digits",
        _WRITE_AN_ARN,
    ),
    (re.compile(r".*"), "is not the ARN of a role, user or account root", _WRITE_AN_ARN),
)
"""Why KMS would refuse a principal; the first that fits."""


def _fault(arn: str) -> Fault:
    return next(Fault(message, remedy) for shape, message, remedy in _FAULTS if shape.fullmatch(arn.replace("\n", " ")))
