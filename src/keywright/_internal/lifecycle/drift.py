"""How AWS has drifted from the configuration: what differs, who gained and lost access by it, and what of it is new."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from keywright._internal.lifecycle.key_state import KeyState, LiveKey
from keywright._internal.lifecycle.policy_change import Orphan, PolicyChange, policy_change
from keywright._internal.lifecycle.policy_normalization import canonical_statements
from keywright._internal.lifecycle.steps import KeyPlan, Step
from keywright._internal.lifecycle.verification import orphans_in
from keywright.errors import KeywrightError

Status = Literal["in_sync", "drift", "missing", "not_read"]
News = Literal["new", "known", "resolved", "none"]
"""Whether the last run had it: `known` is drift that it had just so, `resolved` is drift that is gone."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a key differs, with the access that somebody has by it, or has no more."""

    step: Step
    """What would mend it."""
    access: PolicyChange | None = None
    """From the declared policy to the one on AWS: gained is what nobody declared."""

    def as_document(self) -> dict[str, Any]:
        """As `--json` shows it."""
        return {**self.step.as_document(), "access": self.access.as_document() if self.access else None}


@dataclass(frozen=True, slots=True)
class Drift:
    """What was found about one key."""

    name: str
    status: Status
    fingerprint: str | None
    """The same as long as the key means the same on AWS and in the configuration; None where it wasn't read."""
    differences: tuple[Difference, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    error: KeywrightError | None = None
    news: News = "none"

    def as_document(self) -> dict[str, Any]:
        """As `--json` shows it."""
        return {
            "status": self.status,
            "fingerprint": self.fingerprint,
            "news": self.news,
            "differences": [item.as_document() for item in self.differences],
            "orphaned_principals": [
                {"unique_id": item.unique_id, "declared_as": list(item.candidates)} for item in self.orphans
            ],
            "error": str(self.error) if self.error else None,
        }


def drifts(
    planned: Iterable[KeyPlan], failures: Mapping[str, KeywrightError], last: Mapping[str, Any] | None = None
) -> tuple[Drift, ...]:
    """The drift of every key, and of those that couldn't be read the reason.

    Args:
        planned: what would make AWS match the configuration, from tags that KMS itself has told.
        failures: why keys couldn't be read.
        last: the keys of an earlier run's document, by name; None where there is none.
    """
    found = [_drift(item) for item in planned]
    found += [Drift(name, "not_read", None, error=error) for name, error in failures.items()]
    return tuple(_with_news(item, last) for item in found)


def _drift(item: KeyPlan) -> Drift:
    orphans = orphans_in(item.target, item.state)
    differences = tuple(_difference(item, step) for step in item.steps)
    status: Status = "drift" if differences or orphans else "in_sync"
    if not item.state.keys and item.creates:
        status = "missing"
    return Drift(item.name, status, fingerprint(item, orphans), differences, orphans)


def _difference(item: KeyPlan, step: Step) -> Difference:
    if step.action != "policy" or not isinstance(step.before, str) or not isinstance(step.after, str):
        return Difference(step)
    try:
        return Difference(step, policy_change(step.after, step.before, item.target.location_in(step.region)))
    except KeywrightError as error:  # what is on AWS is no policy
        return Difference(step, PolicyChange(undecided=f"the policy on AWS can't be read: {error.message}"))


def fingerprint(item: KeyPlan, orphans: Iterable[Orphan] = ()) -> str:
    """What a key means on AWS and in the configuration, as one short text.

    Order of statements, principals and actions plays no part, nor do the short forms in which AWS shows a policy.
    """
    meaning = {
        "live": _meaning(item.state),
        "differences": sorted([*step.change, step.summary if step.action == "refuse" else ""] for step in item.steps),
        "orphans": sorted(item.unique_id for item in orphans),
    }
    return hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()


def _meaning(state: KeyState) -> dict[str, Any]:
    return {
        "keys": sorted((_of_key(key) for key in (*state.keys, *state.replicas.values())), key=lambda key: key["arn"]),
        "aliases": {name: holder.key_id for name, holder in sorted(state.aliases.items())},
    }


def _of_key(key: LiveKey) -> dict[str, Any]:
    rotation = key.rotation
    return {
        "arn": key.metadata.arn,
        "state": key.metadata.state,
        "description": key.metadata.description,
        "policy": sorted(canonical_statements(key.policy).elements()),
        "tags": dict(sorted(key.tags.items())),
        "rotation": [rotation.enabled, rotation.period_in_days] if rotation else None,
    }


def _with_news(item: Drift, last: Mapping[str, Any] | None) -> Drift:
    if last is None:
        news: News = "new" if item.status != "in_sync" else "none"
    else:
        before = last.get(item.name) or {}
        drifted = before.get("status") not in {None, "in_sync"}
        if item.status == "in_sync":
            news = "resolved" if drifted else "none"
        else:
            same = before.get("status") == item.status and before.get("fingerprint") == item.fingerprint
            news = "known" if same else "new"
    return Drift(item.name, item.status, item.fingerprint, item.differences, item.orphans, item.error, news)
