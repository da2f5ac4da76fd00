"""The whole answer to who can call actions on a key, as one document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright._internal.access.gaining import steps
from keywright._internal.access.loading import UNREAD_IAM
from keywright._internal.access.outsiders import Outsider, outsiders, public, services
from keywright._internal.access.question import AccessVerdict
from keywright._internal.access.rows import conditions, request_document, row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from keywright._internal.access.snapshot import SnapshotKey
    from keywright._internal.access.who_can import WhoCan


def who_can_document(who: WhoCan, key: SnapshotKey, actions: Sequence[str], via: str | None = None) -> dict[str, Any]:
    """Everybody who can call the actions, and what wasn't read."""
    not_read = who.snapshot.not_read
    return {
        **key_document(who, key, actions, via),
        "complete": not not_read,
        "not_read": [dict(item) for item in not_read],
    }


def key_document(who: WhoCan, key: SnapshotKey, actions: Sequence[str], via: str | None = None) -> dict[str, Any]:
    """Everybody who can call the actions, whom the snapshot knows and whom it doesn't."""
    rows: list[dict[str, Any]] = []
    beyond: list[Outsider] = []
    spoken: list[Outsider] = []
    everybody: Outsider | None = None
    gaining: dict[tuple[str, str, str], dict[str, Any]] = {}
    for action in actions:
        found = sorted(who.findings(key, action, via), key=lambda item: item.principal)
        rows += [row(item) for item in found]
        rows += _unread(key, action)
        beyond += outsiders(who, key, action, via)
        spoken += services(who, key, action) if via is None else ()
        everybody = everybody or public(who, key, action, via)
        having = {item.principal for item in found if item.access is AccessVerdict.YES}
        for step in steps(who, key, action, found):
            if step.principal not in having:
                gaining.setdefault(
                    (step.principal, step.by, step.on),
                    {"principal": step.principal, "by": step.by, "on": step.on, "access": step.access.value},
                )
    inside = who.snapshot.organization_account
    unread = [item for item in beyond if inside(_account(item)) is not None or _account(item) == key.account]
    rows += [_unknown_inside(item) for item in unread]
    return {
        "key": key.arn,
        "key_state": key.facts.state,
        "same_material": list(key.facts.related),
        "actions": list(actions),
        "rows": rows,
        "outsiders": [_outsider(item) for item in beyond if item not in unread],
        "services": [_outsider(item) for item in spoken],
        "public": None if everybody is None else _outsider(everybody),
        "may_gain": [gaining[name] for name in sorted(gaining)],
    }


def _unread(key: SnapshotKey, action: str) -> Iterable[dict[str, Any]]:
    """What isn't known of everybody because the key's policy or grants weren't read."""
    if key.policy is None:
        yield _unknown("*", action, "the key policy was not read", key)
    if key.grants is None:
        yield _unknown("*", action, "the key's grants were not read", key)


def _unknown(principal: str, action: str, reason: str, key: SnapshotKey) -> dict[str, Any]:
    return {
        "principal": principal,
        "action": action,
        "access": AccessVerdict.UNKNOWN.value,
        "through": [],
        "conditions": None,
        "statements": [],
        "request": {"principal": principal, "action": action, "resource": key.arn, "context": {}},
        "reason": reason,
    }


def _unknown_inside(item: Outsider) -> dict[str, Any]:
    """An account that belongs here and whose IAM wasn't read: whom of it the key lets in isn't known."""
    return {
        **row(item.finding),
        "principal": _principal(item),
        "access": AccessVerdict.UNKNOWN.value,
        "reason": UNREAD_IAM,
    }


def _outsider(item: Outsider) -> dict[str, Any]:
    return {
        "principal": item.name,
        "kind": item.kind,
        "action": item.finding.action,
        "access": item.finding.access.value,
        "conditions": conditions(item.finding),
        "statements": row(item.finding)["statements"],
        "request": request_document(item.finding),
    }


def _account(item: Outsider) -> str:
    return item.finding.question.circumstances.caller.account or "" if item.finding.question else ""


def _principal(item: Outsider) -> str:
    if item.kind != "account":
        return item.name
    partition = item.finding.key.location.partition
    return f"arn:{partition}:iam::{item.name}:root"
