"""What is known of the context of one principal's requests on one key, and what each request may choose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from keywright._internal.access.trust_policy import SessionChoices, session_choices
from keywright._internal.facts.actions import fold
from keywright._internal.facts.condition_keys import key_facts
from keywright._internal.policy.document import Condition
from keywright._internal.proof.evaluation.conditions import condition_holds, parse_operator
from keywright._internal.proof.evaluation.variables import Variable, Wildcard, has_variables, template, variable_keys

if TYPE_CHECKING:
    from keywright._internal.proof.evaluation.request import Caller, Context
    from keywright._internal.proof.search.attributes import Test, Values

_TAGS_OF_CALLER: Final = "aws:principaltag/"
_TAGS_OF_KEY: Final = "aws:resourcetag/"
_SOURCE_IDENTITY: Final = "aws:sourceidentity"
OF_SESSIONS: Final = (_TAGS_OF_CALLER, _SOURCE_IDENTITY)
"""How the context keys begin that a role's session may bring along."""

RESOURCE: Final = "resource"
"""Stands among the context keys for the key's ARN, which a statement's Resource compares with policy variables."""

_HIDDEN: Final = (_TAGS_OF_KEY, "kms:resourcealiases")
_ESCAPED: Final = {"*": "${*}", "?": "${?}", "$": "${$}"}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The part of a request's context that follows from who calls, from the key and from the action.

    A context key that isn't known may be in a request with any value, or not at all.
    """

    caller: Caller
    action: str
    resource: str
    context: Context
    """What is known to be there, of the caller and of the key; names lower-cased."""
    absent: frozenset[str]
    """What is known not to be there, beside tags that are not listed."""
    unread: Mapping[str, str]
    """Context keys, or families that end in `/`, whose one value the snapshot doesn't know, each with the reason."""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Context keys of which all possible values are known: the aliases that a request can name the key by."""
    unique_id: str = ""
    """A role's, with which the `aws:userid` of its sessions begins."""
    tags_known: bool = True
    """Whether the caller has no tags but those that are listed, and those of its session."""
    trust: str | None = None
    """A role's trust policy, which says what its sessions may bring; None for others, and where it isn't known."""

    @property
    def session(self) -> SessionChoices | None:
        """What a role's session may bring by the choice of who assumes the role; None where it can't bring anything."""
        return None if self.trust is None else session_choices(self.trust)

    def known(self, key: str) -> Values | None:
        """The values of a context key, none where it is absent; None where a request may choose."""
        if key.startswith(_TAGS_OF_CALLER):
            session = self.session
            if session is not None and session.may_have_tag(key.removeprefix(_TAGS_OF_CALLER)):
                return None
        if key in self.context:
            return self.context[key]
        if key == _SOURCE_IDENTITY and not self._may_have_source_identity():
            return ()
        if self.why_unread(key) is not None:
            return None
        if key in self.absent or key.startswith(_TAGS_OF_KEY) or (self.tags_known and key.startswith(_TAGS_OF_CALLER)):
            return ()
        return () if _never_sent(key, self.caller.kind == "service", self.caller.kind == "user", self.action) else None

    def brings(self, key: str, value: str) -> bool:
        """Whether a request may carry a value under a key, where that is up to who assumes a role."""
        session = self.session
        if key.startswith(_TAGS_OF_CALLER):
            return session is None or session.may_have_tag(key.removeprefix(_TAGS_OF_CALLER), value)
        return key != _SOURCE_IDENTITY or session is None or session.may_have_source_identity(value)

    def asked_of(self, key: str) -> tuple[Test, ...]:
        """What the role's trust policy asks of what a session brings under a key."""
        session = self.session if key.startswith(OF_SESSIONS) else None
        return () if session is None else tuple((item, False) for item in session.conditions_on(key))

    def _may_have_source_identity(self) -> bool:
        """A source identity is set when a role is assumed, where its trust policy lets it."""
        if self.trust is not None:
            return self.session is not None and self.session.may_have_source_identity()
        return self.caller.kind not in {"user", "root"}

    def why_unread(self, key: str) -> str | None:
        """Why the snapshot doesn't know the one value that the key has; None for any other key."""
        return self.unread.get(key) or (self.unread.get(key.partition("/")[0] + "/") if "/" in key else None)

    def as_seen_by_key(self) -> Circumstances:
        """What a key policy sees: not the key's tags and aliases, which AWS documents for identity policies only."""
        context = {key: values for key, values in self.context.items() if not key.startswith(_HIDDEN)}
        unread = {key: reason for key, reason in self.unread.items() if not key.startswith(_HIDDEN)}
        return replace(self, context=context, unread=unread, absent=self.absent | {_HIDDEN[1]})

    def settle(self, condition: Condition, *, variables: bool) -> bool | Test:
        """Whether a condition holds, or what is left of it where that is up to the request."""
        operator = parse_operator(condition.operator)
        if operator is None:
            return False
        looks_up = variables and operator.takes_variables and any(map(has_variables, condition.values))
        values = self.known(fold(condition.key))
        known = values is not None
        if not looks_up or values == ():
            return condition_holds(condition, self.context, variables=variables) if known else (condition, variables)
        named = {fold(name) for value in condition.values for name in variable_keys(value)}
        if known and all(self.known(name) is not None for name in named):
            return condition_holds(condition, self.context, variables=True)
        texts = tuple(text for value in condition.values if (text := self._resolved(value)) is not None)
        return Condition(condition.operator, condition.key, texts), True

    def _resolved(self, value: str) -> str | None:
        """A condition's value with what is known in place of variables; None where one can't be looked up."""
        parts: list[str] = []
        for part in template(value, variables=True, wildcards=True):
            if isinstance(part, Variable):
                (name,) = variable_keys(f"${{{part}}}")
                found = self.known(fold(name))
                if found is None:
                    parts.append(f"${{{part}}}")
                    continue
                text = found[0] if len(found) == 1 else _default(part) if not found else None
                if text is None:
                    return None
                parts.append(_literal(text))
            else:
                parts.append(part.value if isinstance(part, Wildcard) else _literal(part))
        return "".join(parts)


def _default(variable: str) -> str | None:
    _, comma, default = variable.partition(", '")
    return default.removesuffix("'") if comma else None


def _literal(text: str) -> str:
    return "".join(_ESCAPED.get(char, char) for char in text)


@lru_cache(maxsize=65536)
def _never_sent(key: str, service: bool, user: bool, action: str) -> bool:
    facts = key_facts(key)
    return facts is not None and facts.presence("service" if service else "user" if user else "role", action) == "never"


@lru_cache(maxsize=65536)
def always_sent(key: str, *, service: bool) -> bool:
    """Whether every request carries the key."""
    facts = key_facts(key)
    return facts is not None and facts.presence("service" if service else "role", None) == "always"
