"""A role's trust policy: who may assume the role, and what its sessions may bring along.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.policy.parsing import parse_policy, with_any_resource
from keywright._internal.proof.evaluation.compiled_policy import CompiledPolicy
from keywright._internal.proof.evaluation.conditions import condition_holds
from keywright._internal.proof.evaluation.variables import has_variables
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.policy.document import Condition, Statement
    from keywright._internal.proof.evaluation.request import Context

ASSUMING: Final = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
"""The ways to a role's session, each with principals of its own kind."""

_TAG_SESSION: Final = "sts:TagSession"
_SET_SOURCE_IDENTITY: Final = "sts:SetSourceIdentity"
_PRINCIPAL_TAG: Final = "aws:principaltag/"
_REQUEST_TAG: Final = "aws:requesttag/"
_TAG_KEYS: Final = "aws:tagkeys"
_SOURCE_IDENTITY: Final = "sts:sourceidentity"


@dataclass(frozen=True, slots=True)
class SessionChoices:
    """What the sessions of a role may carry by the choice of who assumes it.

    Whoever the trust policy names is taken to be able to assume the role: the conditions of its statements count only
    where they are about the tag or the source identity.
    """

    trust: CompiledPolicy

    def may_have_tag(self, name: str, value: str | None = None) -> bool:
        """Whether a session may carry a tag, with this value or with any; it then beats the role's own tag."""
        key = _REQUEST_TAG + fold(name)
        if value is None:
            lists = [{_TAG_KEYS: item[_TAG_KEYS]} for item in self._taggings(key, name, "")]
            return any(
                all(condition_holds(c, names, variables=True) for c in item.conditions if fold(c.key) == _TAG_KEYS)
                for item in self.trust.allowing(_TAG_SESSION)
                for names in lists
            )
        return self._may(_TAG_SESSION, list(self._taggings(key, name, value)))

    def may_have_source_identity(self, value: str | None = None) -> bool:
        """Whether a session may carry a source identity, this one or any."""
        if value is None:
            return any(self.trust.allowing(_SET_SOURCE_IDENTITY))
        return self._may(_SET_SOURCE_IDENTITY, [{_SOURCE_IDENTITY: (value,)}])

    def conditions_on(self, key: str) -> Iterator[Condition]:
        """What the trust policy asks of a tag or of the source identity, as conditions on the session's context key."""
        name = key.removeprefix(_PRINCIPAL_TAG)
        asked, action = (_SOURCE_IDENTITY, _SET_SOURCE_IDENTITY) if name == key else (_REQUEST_TAG + name, _TAG_SESSION)
        for statement in (*self.trust.allowing(action), *self.trust.denying(action)):
            for item in statement.conditions:
                if fold(item.key) == asked and _is_about(item):
                    yield replace(item, key=key)

    def _taggings(self, key: str, name: str, value: str) -> Iterator[Context]:
        """The tag alone, and with the other tags that the trust policy speaks of, which it may ask for."""
        yield {key: (value,), _TAG_KEYS: (name,)}
        others = {
            item.key[len(_REQUEST_TAG) :]: item.values[0]
            for statement in self.trust.allowing(_TAG_SESSION)
            for item in statement.conditions
            if fold(item.key).startswith(_REQUEST_TAG) and fold(item.key) != key and item.values
        }
        if others:
            pairs = {f"{_REQUEST_TAG}{fold(other)}": (its,) for other, its in others.items()}
            yield {**pairs, key: (value,), _TAG_KEYS: (name, *others)}

    def _may(self, action: str, contexts: list[Context]) -> bool:
        denying = [item for item in self.trust.denying(action) if _is_for_everybody(item)]
        return any(
            any(_may_hold(item, context) for item in self.trust.allowing(action))
            and not any(_surely_holds(item, context) for item in denying)
            for context in contexts
        )


@lru_cache(maxsize=65536)
def trust_policy(text: str) -> CompiledPolicy | None:
    """A trust policy, compiled once; None where it isn't understood."""
    try:
        policy = parse_policy(json.dumps(with_any_resource(json.loads(text))))
        return CompiledPolicy(policy.document, "resource")
    except (InputError, ValueError, AttributeError, TypeError):
        return None


@lru_cache(maxsize=65536)
def session_choices(text: str) -> SessionChoices | None:
    """What the sessions of a role with this trust policy may bring; None where they bring nothing."""
    trust = trust_policy(text)
    if trust is None or not any(any(trust.allowing(action)) for action in (_TAG_SESSION, _SET_SOURCE_IDENTITY)):
        return None
    return SessionChoices(trust)


def _is_for_everybody(statement: Statement) -> bool:
    return any(item.value == "*" for item in statement.principals or ())


def _is_about(condition: Condition) -> bool:
    """Whether a condition is about what a session brings, and not about who assumes the role."""
    key = fold(condition.key)
    return (key.startswith(_REQUEST_TAG) or key in {_TAG_KEYS, _SOURCE_IDENTITY}) and not any(
        map(has_variables, condition.values)
    )


def _may_hold(statement: Statement, context: Context) -> bool:
    return all(condition_holds(item, context, variables=True) for item in statement.conditions if _is_about(item))


def _surely_holds(statement: Statement, context: Context) -> bool:
    return all(_is_about(item) and condition_holds(item, context, variables=True) for item in statement.conditions)
