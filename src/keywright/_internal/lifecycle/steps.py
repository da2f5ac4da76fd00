"""A plan: for each key the steps that lead from what AWS shows to what is declared, each with the values it needs.

A step says what it sets and what was there before. So it can be shown, saved, carried out from the file, and told
apart from what somebody else has done since.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from keywright._internal.lifecycle.key_state import KeyState
from keywright._internal.lifecycle.policy_normalization import canonical_statements
from keywright._internal.lifecycle.target import Target

Action = Literal[
    "create", "discard", "enable", "disable", "describe", "policy", "tag", "untag", "rotate", "stop-rotation",
    "alias", "move-alias", "unalias", "replicate", "create-grant", "revoke-grant", "refuse",
]  # fmt: skip
Value = str | int | Mapping[str, Any] | None

_PAST = {
    "create": "created", "delete": "deleted", "disable": "disabled", "enable": "enabled", "move": "moved",
    "remove": "removed", "revoke": "revoked", "schedule": "scheduled", "set": "set", "update": "updated",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One change of one key or replica.

    Args:
        action: what kind.
        summary: what will happen, for people; it begins with a verb.
        reason: why; for a refusal, the remedy.
        region: where.
        after: what it sets.
        before: what AWS shows in its place.
        details: more about it, a line each.
    """

    action: Action
    summary: str
    reason: str
    region: str
    after: Value = None
    before: Value = None
    details: tuple[str, ...] = ()

    @property
    def applied(self) -> str:
        """The summary once it has happened."""
        verb, _, rest = self.summary.partition(" ")
        return f"{_PAST[verb]} {rest}"

    @property
    def change(self) -> tuple[str, ...]:
        """What tells this change from another: not its words, nor the order in which AWS shows a policy."""
        return (self.action, self.region, self._comparable(self.after), self._comparable(self.before))

    def _comparable(self, value: Value) -> str:
        if self.action == "policy":
            return json.dumps(sorted(canonical_statements(str(value)).elements()))
        return json.dumps(value, sort_keys=True)

    def as_document(self) -> dict[str, Any]:
        """The step as `--json` shows it and a saved plan holds it."""
        return {
            "action": self.action,
            "summary": self.summary,
            "reason": self.reason,
            "region": self.region,
            "before": self.before,
            "after": self.after,
            "details": list(self.details),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Step:
        """A step of a saved plan."""
        return cls(**{**document, "details": tuple(document["details"])})


@dataclass(frozen=True)
class KeyPlan:
    """What is to be done to one key.

    Args:
        target: the key as declared.
        state: what AWS shows of it.
        steps: in the order in which AWS's key states allow them; empty where nothing is to be done.
    """

    target: Target
    state: KeyState
    steps: tuple[Step, ...]

    @property
    def name(self) -> str:
        """The key's name."""
        return self.target.name

    @property
    def creates(self) -> bool:
        """Whether the key is made."""
        return any(step.action == "create" for step in self.steps)

    @property
    def refusals(self) -> tuple[Step, ...]:
        """Why nothing is done until a person has decided; a refused key has no other steps."""
        return tuple(step for step in self.steps if step.action == "refuse")


@dataclass(frozen=True)
class Plan:
    """What is to be done to the keys of a stack, in the file's order."""

    keys: tuple[KeyPlan, ...]

    @property
    def changing(self) -> tuple[KeyPlan, ...]:
        """The keys that something is to be done to, refused ones too."""
        return tuple(item for item in self.keys if item.steps)

    @property
    def counts(self) -> dict[str, int]:
        """How many keys are to be created, to be updated, unchanged, and refused."""
        kinds = [_kind(item) for item in self.keys]
        return {kind: kinds.count(kind) for kind in ("create", "update", "unchanged", "refused")}

    def without(self, names: Iterable[str]) -> Plan:
        """The same without some keys."""
        left_out = frozenset(names)
        return Plan(tuple(item for item in self.keys if item.name not in left_out))


def _kind(item: KeyPlan) -> str:
    if item.refusals:
        return "refused"
    return "create" if item.creates else "update" if item.steps else "unchanged"
