"""A policy prepared for checking: each element with its path, its meaning and the facts that checks ask for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from keywright._internal.facts.actions import CRYPTOGRAPHIC, DECIDED_BY_KEY_POLICIES, fold, kms_actions
from keywright._internal.facts.condition_keys import Caller, KeyFacts, key_facts
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.proof.claims.trust import account_of, key_account, key_partition
from keywright._internal.proof.evaluation.conditions import Operator, parse_operator
from keywright._internal.proof.evaluation.matching import matches_action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright._internal.policy.document import Condition, PolicyDocument, Principal, Statement
    from keywright._internal.policy.json_positions import Path
    from keywright._internal.policy.parsing import ParsedPolicy


@lru_cache(maxsize=4096)
def actions_matching(pattern: str) -> frozenset[str]:
    """The KMS actions that an Action element covers; empty for what KMS doesn't know."""
    return frozenset(action for action in kms_actions() if matches_action(pattern, action))


@dataclass(frozen=True)
class PrincipalView:
    """One principal of a statement."""

    principal: Principal
    path: Path
    own_account: str | None

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
        return self.account is not None and self.own_account is not None and self.account != self.own_account

    @cached_property
    def callers(self) -> tuple[Caller, ...]:
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

    @property
    def name(self) -> str:
        """The key as written."""
        return self.condition.key

    @property
    def values(self) -> tuple[str, ...]:
        """The listed values."""
        return self.condition.values

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


@dataclass(frozen=True)
class StatementView:
    """One statement, its number counted from 0."""

    statement: Statement
    index: int
    own_account: str | None

    @property
    def path(self) -> Path:
        """Where it stands."""
        return ("Statement", self.index)

    @property
    def label(self) -> str:
        """What a reader finds it by."""
        return f"statement `{self.statement.sid}`" if self.statement.sid else f"statement {self.index + 1}"

    @property
    def allows(self) -> bool:
        """Whether it is an Allow."""
        return self.statement.effect == "Allow"

    @cached_property
    def principals(self) -> tuple[PrincipalView, ...]:
        """The entries of Principal."""
        return self._principals(self.statement.principals or (), "Principal")

    @cached_property
    def not_principals(self) -> tuple[PrincipalView, ...]:
        """The entries of NotPrincipal."""
        return self._principals(self.statement.not_principals or (), "NotPrincipal")

    def _principals(self, principals: Iterable[Principal], element: str) -> tuple[PrincipalView, ...]:
        seen: dict[str, int] = {}
        found = []
        for principal in principals:
            at = seen.get(principal.type, 0)
            seen[principal.type] = at + 1
            found.append(PrincipalView(principal, (*self.path, element, principal.type, at), self.own_account))
        return tuple(found)

    @cached_property
    def actions(self) -> tuple[ActionView, ...]:
        """The entries of Action."""
        return tuple(
            ActionView(text, (*self.path, "Action", at)) for at, text in enumerate(self.statement.actions or ())
        )

    @cached_property
    def not_actions(self) -> tuple[ActionView, ...]:
        """The entries of NotAction."""
        return tuple(
            ActionView(text, (*self.path, "NotAction", at)) for at, text in enumerate(self.statement.not_actions or ())
        )

    @cached_property
    def conditions(self) -> tuple[ConditionView, ...]:
        """The conditions; all must hold."""
        return tuple(
            ConditionView(item, (*self.path, "Condition", item.operator, item.key))
            for item in self.statement.conditions
        )

    @cached_property
    def covered(self) -> frozenset[str]:
        """The actions it is about that a key policy decides."""
        if self.statement.not_actions is not None:
            spared: frozenset[str] = frozenset().union(*(item.covers for item in self.not_actions))
            return DECIDED_BY_KEY_POLICIES - spared
        return frozenset().union(*(item.covers for item in self.actions)) & DECIDED_BY_KEY_POLICIES

    @cached_property
    def covers_everything(self) -> bool:
        """Whether it is about every action, future ones too."""
        return any(item.text.lower() in {"*", "kms:*"} for item in self.actions)

    @property
    def uses_the_key(self) -> bool:
        """Whether it covers a cryptographic action."""
        return bool(self.covered & CRYPTOGRAPHIC)

    @cached_property
    def callers(self) -> frozenset[Caller]:
        """The kinds of caller it can be about."""
        if self.statement.not_principals is not None:
            return frozenset({"account", "service"})
        return frozenset(kind for item in self.principals for kind in item.callers)

    @cached_property
    def is_for_everybody(self) -> bool:
        """Whether the wildcard is among its principals."""
        return any(item.is_everybody for item in self.principals)

    def conditions_on(self, *keys: str) -> tuple[ConditionView, ...]:
        """The conditions on these keys, given in lower case."""
        return tuple(item for item in self.conditions if item.key in keys)


@dataclass(frozen=True)
class PolicyView:
    """The whole policy, and what is known of the key it belongs to."""

    parsed: ParsedPolicy
    location: KeyLocation | None = None
    key_spec: str | None = None
    key_usage: str | None = None

    @property
    def document(self) -> PolicyDocument:
        """The policy as it was written."""
        return self.parsed.document

    @cached_property
    def own_account(self) -> str | None:
        """The key's account: as told, or as the policy itself says."""
        return self.location.account if self.location and self.location.account else key_account(self.document)

    @cached_property
    def own_partition(self) -> str | None:
        """The key's partition: as told, or that of the principals of the key's account."""
        if self.location and self.location.partition:
            return self.location.partition
        return key_partition(self.document, self.own_account)

    @property
    def own_region(self) -> str | None:
        """The key's Region, as told."""
        return self.location.region if self.location and self.location.region else None

    @cached_property
    def statements(self) -> tuple[StatementView, ...]:
        """The statements, in order."""
        return tuple(
            StatementView(item, index, self.own_account) for index, item in enumerate(self.document.statements)
        )

    @cached_property
    def allows(self) -> tuple[StatementView, ...]:
        """The Allow statements."""
        return tuple(item for item in self.statements if item.allows)

    @cached_property
    def denies(self) -> tuple[StatementView, ...]:
        """The Deny statements."""
        return tuple(item for item in self.statements if not item.allows)
