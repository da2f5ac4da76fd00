"""A policy prepared for checking: its statements, what they are about, and whom they can reach."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from keywright._internal.facts.actions import CRYPTOGRAPHIC, DECIDED_BY_KEY_POLICIES
from keywright._internal.facts.condition_keys import CallerKind
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.proof.claims.trust import key_account, key_partition
from keywright._internal.proof.findings.effects import reach
from keywright._internal.proof.findings.elements import ActionView, ConditionView, Home, PrincipalView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright._internal.policy.document import PolicyDocument, Principal, Statement
    from keywright._internal.policy.json_positions import Path
    from keywright._internal.policy.parsing import ParsedPolicy


@dataclass(frozen=True)
class StatementView:
    """One statement, its number counted from 0."""

    statement: Statement
    index: int
    home: Home

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
            found.append(PrincipalView(principal, (*self.path, element, principal.type, at), self.home))
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
            ConditionView(item, (*self.path, "Condition", item.operator, item.key), self.home)
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
    def callers(self) -> frozenset[CallerKind]:
        """The kinds of caller it can be about."""
        if self.statement.not_principals is not None:
            return frozenset({"account", "service"})
        return frozenset(kind for item in self.principals for kind in item.callers)

    @cached_property
    def reach(self) -> frozenset[tuple[CallerKind, str]]:
        """The callers and actions for which all its conditions can hold together."""
        return reach(self.conditions, self.callers, self.covered)

    def lets_match(self, principal: PrincipalView) -> bool:
        """Whether the conditions leave a principal a request."""
        return any(caller in principal.callers for caller, _ in self.reach)

    @cached_property
    def reachable(self) -> tuple[PrincipalView, ...]:
        """The principals that somebody can be and that the conditions leave a request."""
        return tuple(item for item in self.principals if item.is_somebody and self.lets_match(item))

    @cached_property
    def may_have_effect(self) -> bool:
        """Whether it is about some action, and names a resource that may be this key."""
        body = self.statement
        return bool(self.covered) and (bool(body.resources) or body.not_resources is not None)

    @cached_property
    def surely_has_effect(self) -> bool:
        """Whether it is about some action on this key for sure; any other Resource than `*` may be another key."""
        return bool(self.covered) and "*" in (self.statement.resources or ())

    @property
    def does(self) -> str:
        """`allows` or `denies`."""
        return "allows" if self.allows else "denies"

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
    def home(self) -> Home:
        """Where the key is: as told, or as the policy itself says."""
        told = self.location or KeyLocation("", "", "")
        account = told.account or key_account(self.document)
        return Home(account, told.partition or key_partition(self.document, account), told.region or None)

    @cached_property
    def statements(self) -> tuple[StatementView, ...]:
        """The statements, in order."""
        return tuple(StatementView(item, index, self.home) for index, item in enumerate(self.document.statements))

    @cached_property
    def allows(self) -> tuple[StatementView, ...]:
        """The Allow statements."""
        return tuple(item for item in self.statements if item.allows)

    @cached_property
    def denies(self) -> tuple[StatementView, ...]:
        """The Deny statements."""
        return tuple(item for item in self.statements if not item.allows)
