"""The parts of a statement prepared for checking: principals, actions, conditions, each with its path and meaning."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from keywright._internal.facts.actions import DECIDED_BY_KEY_POLICIES, fold, kms_actions
from keywright._internal.facts.condition_keys import CallerKind, KeyFacts, key_facts, spelled
from keywright._internal.facts.services import ServicePrincipal, service_principal
from keywright._internal.proof.claims.trust import account_of
from keywright._internal.proof.evaluation.conditions import Operator, parse_operator
from keywright._internal.proof.evaluation.matching import matches_action
from keywright._internal.proof.findings.identities import is_unique_id, path_missing, why_nobody

if TYPE_CHECKING:
    from keywright._internal.policy.document import Condition, Principal
    from keywright._internal.policy.json_positions import Path


@dataclass(frozen=True, slots=True)
class Home:
    """Where the key of a policy is, as far as it is told or the policy says so."""

    account: str | None = None
    partition: str | None = None
    region: str | None = None


@lru_cache(maxsize=4096)
def actions_matching(pattern: str) -> frozenset[str]:
    """The KMS actions that an Action element covers; empty for what KMS doesn't know."""
    return frozenset(action for action in kms_actions() if matches_action(pattern, action))


@dataclass(frozen=True)
class PrincipalView:
    """One principal of a statement."""

    principal: Principal
    path: Path
    home: Home

    @property
    def value(self) -> str:
        """The principal as written."""
        return self.principal.value

    @cached_property
    def is_everybody(self) -> bool:
        """Whether it is the wildcard."""
        return self.principal.type == "AWS" and self.value == "*"

    @cached_property
    def is_service(self) -> bool:
        """Whether it is an AWS service."""
        return self.principal.type == "Service"

    @cached_property
    def service(self) -> ServicePrincipal:
        """A service principal's parts."""
        return service_principal(self.value)

    @cached_property
    def is_somebody(self) -> bool:
        """Whether a caller can be it: it is well formed, and no deleted identity. Other findings tell of the rest."""
        if self.is_everybody:
            return True
        wrong = set("*?") & set(self.value) or is_unique_id(self.principal) or path_missing(self.principal)
        return not wrong and why_nobody(self.principal) is None

    @cached_property
    def account(self) -> str | None:
        """The account it belongs to, where it says so."""
        return account_of(self.value) if self.principal.type == "AWS" else None

    @cached_property
    def is_account(self) -> bool:
        """Whether it stands for a whole account."""
        return self.account is not None and (self.value == self.account or self.value.endswith(":root"))

    @cached_property
    def is_foreign(self) -> bool:
        """Whether it belongs to another account than the key, as far as that is known."""
        return self.account is not None and self.home.account is not None and self.account != self.home.account

    @cached_property
    def is_whole_home(self) -> bool:
        """Whether everybody of the key's account is among those it stands for."""
        return self.is_everybody or (self.is_account and not self.is_foreign)

    @cached_property
    def callers(self) -> tuple[CallerKind, ...]:
        """Which kinds of caller it can be."""
        if self.is_service:
            return ("service",)
        if self.is_everybody:
            return ("account", "service")
        if ":user/" in self.value or ":federated-user/" in self.value:
            return ("user",)
        if ":role/" in self.value or ":assumed-role/" in self.value:
            return ("role",)
        return ("account",)


@dataclass(frozen=True)
class ActionView:
    """One entry of Action or NotAction, and the KMS actions it covers."""

    text: str
    path: Path

    @cached_property
    def covers(self) -> frozenset[str]:
        """The actions it covers, those that a key policy can't give among them."""
        return actions_matching(self.text)

    @cached_property
    def decided(self) -> frozenset[str]:
        """The actions it covers that a key policy decides."""
        return self.covers & DECIDED_BY_KEY_POLICIES

    @property
    def is_pattern(self) -> bool:
        """Whether it holds a wildcard."""
        return "*" in self.text or "?" in self.text


@dataclass(frozen=True)
class ConditionView:
    """One condition, with what is known of its operator and key; either is None where AWS documents none."""

    condition: Condition
    path: Path
    home: Home

    @cached_property
    def operator(self) -> Operator | None:
        """The operator, taken apart."""
        return parse_operator(self.condition.operator)

    @cached_property
    def facts(self) -> KeyFacts | None:
        """What is known of the key."""
        return key_facts(self.condition.key)

    @cached_property
    def key(self) -> str:
        """The key in lower case, as keys are compared."""
        return fold(self.condition.key)

    @cached_property
    def name(self) -> str:
        """The key as AWS spells it; an unknown one as written."""
        return spelled(self.condition.key)

    @property
    def values(self) -> tuple[str, ...]:
        """The listed values."""
        return self.condition.values

    @cached_property
    def is_understood(self) -> bool:
        """Whether its meaning in a key policy is known. Other findings tell of what isn't."""
        return (
            self.operator is not None
            and bool(self.values)
            and self.facts is not None
            and self.facts.in_key_policies
            and not (self.facts.multivalued and not self.operator.quantifier and self.operator.name != "Null")
        )

    @property
    def positive(self) -> bool:
        """Whether the condition demands one of its values, whatever else: present, compared and found."""
        found = self.operator
        return (
            found is not None
            and not found.negated
            and not found.if_exists
            and found.name != "Null"
            and found.quantifier != "ForAllValues"
        )
