"""What the catalogue's data is made of: roles, services, patterns and their templates, as frozen values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from keywright._internal.policy.document import Condition, Effect

UNKNOWN_SERVICE = "*"
"""The entry that stands for a service the catalogue does not know."""

Category = Literal["service", "sharing", "narrowing", "guard"]
Confidence = Literal["doc", "2nd", "unc"]
ParameterType = Literal["strings", "string", "integer"]
Values = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """The page a fact was taken from, when it was read, and how sure it is."""

    url: str
    read: str
    """The day the copy was read, as YYYY-MM-DD."""
    copy: str
    """The year of that copy of the page."""
    confidence: Confidence
    """AWS's documentation says so; second-hand (AWS samples, issue threads); uncertain, or sources disagree."""


@dataclass(frozen=True, slots=True)
class Service:
    """An AWS service that uses keys as itself, and what stands for each pin in `key_service_pins`."""

    label: str
    """What stands before `.amazonaws.com`, without a Region."""
    principal: str
    """The name AWS documents, as a template."""
    region_bound: bool
    """A Region in the name is the key's, so a replica's policy names the replica's instead."""
    usages: tuple[str, ...]
    """The usages, as in `Catalogue.users`, of the keys that the actions are for."""
    actions: tuple[str, ...]
    grant_actions: tuple[str, ...]
    """Actions that need `kms:GrantIsForAWSResource` beside the pin."""
    pins: Mapping[str, tuple[Condition, ...]]
    """The conditions, as templates, of each pin."""
    sources: tuple[Source, ...]
    notes: tuple[str, ...]


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
    effect: Effect
    principals: tuple[tuple[str, tuple[str, ...]], ...]
    actions: tuple[str, ...]
    conditions: tuple[ConditionTemplate, ...]
    when: str | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a pattern asks for."""

    name: str
    type: ParameterType
    description: str
    required: bool
    default: tuple[str, ...]
    pattern: str | None
    """Must match a value wholly; it means the same in RE2 and in Python."""
    minimum: int | None
    """The least value of an integer, otherwise the least number of values."""
    maximum: int | None
    """The greatest value of an integer, otherwise the greatest number of values."""


@dataclass(frozen=True, slots=True)
class KeyConstraint:
    """The keys a pattern works with; None is no constraint."""

    usages: tuple[str, ...]
    specs: tuple[str, ...] | None
    regions: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Case:
    """A request that the tests decide, as templates, and a sentence that says what it shows."""

    name: str
    principal: str
    action: str
    context: Values
    delegated: bool
    """The caller's own account lets it do everything, so only the key policy can say no."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A named piece of policy: what it asks for, what it says, where AWS says so, and what it must decide."""

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
    """Statements of `Catalogue.backgrounds` that the cases are decided with: a Deny shows only beside an Allow."""
    example: Values
    allowed: tuple[Case, ...]
    denied: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The whole data file."""

    administrators: Mapping[str, tuple[str, ...]]
    """Actions of administrators, by what the key must have for them to make sense."""
    users: Mapping[str, tuple[str, ...]]
    """Actions of users, by usage: an encrypting key's is `ENCRYPT_DECRYPT/symmetric` or `…/asymmetric`."""
    grants: tuple[str, ...]
    grant_usages: frozenset[str]
    """Where users may grant to AWS services, which take grants on symmetric encryption keys only: Route 53's
    grant on a signing key is made by the service itself."""
    service_principal: str
    """A regular expression for service principals; its groups are the label and the Region, if any."""
    services: Mapping[str, Service]
    backgrounds: Mapping[str, StatementTemplate]
    patterns: Mapping[str, Pattern]

    def service(self, principal: str) -> Service:
        """The entry of a service principal, with or without a Region in its name."""
        return self.services.get(self.split_service(principal)[0], self.services[UNKNOWN_SERVICE])

    def split_service(self, principal: str) -> tuple[str, str | None, str]:
        """A service principal as its label, its Region (None where it names none) and its suffix."""
        head, dot, tail = principal.partition(".amazonaws.com")
        match = re.fullmatch(self.service_principal, principal)
        return (match[1], match[2], dot + tail) if match else (head, None, dot + tail)
