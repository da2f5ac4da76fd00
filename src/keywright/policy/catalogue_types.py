"""What the catalogue's data is made of: roles, services, patterns and their templates, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Category = Literal["service", "sharing", "narrowing", "guard"]
ParameterType = Literal["strings", "string", "integer"]
Values = Mapping[str, tuple[str, ...]]


class Setting(Protocol):
    """Where a key lives; `keywright.model.KeySetting` is one."""

    @property
    def partition(self) -> str:
        """For example `aws-us-gov`."""
        ...

    @property
    def account(self) -> str:
        """The twelve digits of the key's own account."""
        ...

    @property
    def region(self) -> str:
        """The Region of this key; for a replica, the replica's."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """The page a fact was taken from, when it was read, and how sure it is.

    `copy` is the year of the copy that was read; `confidence` is `doc` (AWS's documentation says so), `2nd`
    (second-hand: AWS samples, issue threads) or `unc` (uncertain, or sources disagree).
    """

    url: str
    read: str
    copy: str
    confidence: Literal["doc", "2nd", "unc"]


@dataclass(frozen=True, slots=True)
class Roles:
    """What administrators and users of a key may do, by groups of actions.

    `administrators` is split by what the key must have for the group to make sense; `users` is by usage, an
    encrypting key's being `ENCRYPT_DECRYPT/symmetric` or `ENCRYPT_DECRYPT/asymmetric`. `grants` go to users
    of the `grant_usages` only: AWS services take grants on symmetric encryption keys. (Route 53's on a
    signing key is made by the service itself.)
    """

    administrators: Mapping[str, tuple[str, ...]]
    users: Mapping[str, tuple[str, ...]]
    grants: tuple[str, ...]
    grant_usages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConditionTemplate:
    """One condition; left out where the parameter named by `when` is empty."""

    operator: str
    key: str
    values: tuple[str, ...]
    when: str | None = None


@dataclass(frozen=True, slots=True)
class StatementTemplate:
    """One statement; left out where the parameter named by `when` is empty."""

    sid: str
    effect: Literal["Allow", "Deny"]
    principals: tuple[tuple[str, tuple[str, ...]], ...]
    actions: tuple[str, ...]
    conditions: tuple[ConditionTemplate, ...]
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """An AWS service that uses keys as itself, and what stands in for each pin in `key_service_pins`.

    `label` is what stands before `.amazonaws.com`, without a Region. A `region_bound` name that carries a
    Region carries the key's, so a replica's policy says the replica's Region instead. `actions` are for keys
    of `usages`; `grant_actions` need `kms:GrantIsForAWSResource` beside the pin.
    """

    label: str
    principal: str
    region_bound: bool
    usages: tuple[str, ...]
    actions: tuple[str, ...]
    grant_actions: tuple[str, ...]
    pins: Mapping[str, tuple[ConditionTemplate, ...]]
    sources: tuple[Source, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a pattern asks for.

    `pattern` must match each value wholly and means the same in RE2 and in Python. `minimum` and `maximum`
    bound an integer's value, and otherwise how many values there are.
    """

    name: str
    type: ParameterType
    description: str
    required: bool
    default: tuple[str, ...]
    pattern: str | None
    minimum: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True)
class KeyConstraint:
    """The keys a pattern works with; None is no constraint."""

    usages: tuple[str, ...]
    specs: tuple[str, ...] | None
    regions: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Case:
    """A request whose decision the tests check, and a sentence that says what it shows."""

    name: str
    request: Mapping[str, Any]
    identity_policies: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A named piece of policy: what it asks for, what it says, where AWS says so, and what it must decide.

    `background` names statements of `Catalogue.backgrounds` that the cases are decided with: a Deny shows
    what it does only beside an Allow.
    """

    name: str
    title: str
    summary: str
    category: Category
    sources: tuple[Source, ...]
    notes: tuple[str, ...]
    key: KeyConstraint
    parameters: tuple[Parameter, ...]
    statements: tuple[StatementTemplate, ...]
    background: tuple[str, ...]
    example: Mapping[str, tuple[str, ...]]
    allowed: tuple[Case, ...]
    denied: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The whole data file."""

    roles: Roles
    service_principal: str
    services: Mapping[str, Service]
    backgrounds: Mapping[str, StatementTemplate]
    patterns: Mapping[str, Pattern]
