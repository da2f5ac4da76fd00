"""What a snapshot holds of IAM and Organizations: who there is, under which policies, in which account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

PrincipalKind = Literal["role", "user"]


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy's text with the name that people know it by, such as `AdministratorAccess`."""

    name: str
    text: str
    arn: str = ""
    """A managed policy's."""


@dataclass(frozen=True, slots=True)
class IamPrincipal:
    """A role or a user.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
    """

    arn: str
    kind: PrincipalKind
    account: str
    unique_id: str = ""
    """`AROA…` or `AIDA…`, which a key policy shows once the principal is deleted."""
    policies: tuple[NamedPolicy, ...] = ()
    """Attached and inline, a user's groups' included."""
    boundary: NamedPolicy | None = None
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    trust: str | None = None
    """A role's trust policy."""
    last_used: str | None = None
    """When a role was last used, ISO 8601; None where AWS shows nothing."""
    missing: str = ""
    """What of its policies couldn't be read, a sentence; empty where nothing is missing."""

    @property
    def partition(self) -> str:
        """The partition of its ARN."""
        return self.arn.split(":", 2)[1]


@dataclass(frozen=True, slots=True)
class OrganizationAccount:
    """An account of the organization, with what is in force there."""

    account: str
    name: str = ""
    path: str = ""
    """As `aws:PrincipalOrgPaths` has it: `o-…/r-…/ou-…/`."""
    service_control: tuple[tuple[NamedPolicy, ...], ...] = ()
    """By level, from the root to the account itself: each must allow."""
    resource_control: tuple[NamedPolicy, ...] = ()


@dataclass(frozen=True, slots=True)
class Organization:
    """The organization that the snapshot's accounts belong to."""

    id: str
    management_account: str
    accounts: Mapping[str, OrganizationAccount]


@dataclass(frozen=True, slots=True)
class IamSnapshot:
    """Everything that was read of IAM and Organizations."""

    principals: tuple[IamPrincipal, ...] = ()
    accounts: frozenset[str] = frozenset()
    """The accounts whose IAM was read."""
    organization: Organization | None = None
    organization_read: bool = False
    """Whether it is known which organization the accounts belong to, if any, and its policies were read."""
