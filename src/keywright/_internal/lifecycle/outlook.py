"""How long a run still takes: what is left to be called, at the rate at which AWS's slowest quota lets it be called."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping

from keywright._internal.aws import CREATE_KEY_PER_REPLICATION, Cloud, Quota
from keywright._internal.lifecycle.steps import KeyPlan, Step
from keywright._internal.lifecycle.target import Target

_OPERATIONS = {
    "alias": "CreateAlias",
    "create": "CreateKey",
    "create-grant": "CreateGrant",
    "describe": "UpdateKeyDescription",
    "disable": "DisableKey",
    "discard": "ScheduleKeyDeletion",
    "enable": "EnableKey",
    "move-alias": "UpdateAlias",
    "policy": "PutKeyPolicy",
    "replicate": "ReplicateKey",
    "revoke-grant": "RevokeGrant",
    "rotate": "EnableKeyRotation",
    "stop-rotation": "DisableKeyRotation",
    "tag": "TagResource",
    "unalias": "DeleteAlias",
    "untag": "UntagResource",
}
"""The call that carries out a step."""


class Outlook:
    """The calls that a run has still to make. Safe to use from many threads.

    Args:
        cloud: AWS, whose pacing knows the rates.
        calls: those of each key, by the quota that they draw on.
    """

    def __init__(self, cloud: Cloud, calls: Mapping[str, Counter[Quota]]) -> None:
        self._pacing = cloud.pacing
        self._lock = threading.Lock()
        self._of_key = {name: Counter(counts) for name, counts in calls.items()}
        self._left: Counter[Quota] = Counter()
        for counts in calls.values():
            self._left.update(counts)

    def done(self, target: Target, step: Step) -> None:
        """A step was carried out."""
        with self._lock:
            calls = Counter(_draws(target, step)) & self._of_key.get(target.name, Counter())
            self._of_key[target.name] -= calls
            self._left -= calls

    def through(self, name: str) -> None:
        """Nothing more is done to a key."""
        with self._lock:
            self._left -= self._of_key.pop(name, Counter())

    def seconds(self) -> float:
        """The seconds that are left at the present rates; 0 where nothing is paced."""
        with self._lock:
            left = tuple(self._left.items())
        return max((calls / self._pacing.rate(quota) for quota, calls in left), default=0.0)


def calls_of_plan(planned: Iterable[KeyPlan]) -> dict[str, Counter[Quota]]:
    """The calls that a plan needs, by key."""
    calls: dict[str, Counter[Quota]] = {}
    for item in planned:
        counts = calls[item.name] = Counter()
        for step in () if item.refusals else item.steps:
            counts.update(_draws(item.target, step))
    return calls


def _draws(target: Target, step: Step) -> dict[Quota, int]:
    """The quotas that a step draws on, and how much of each."""
    account, region = target.location.account, step.region
    if step.action != "replicate":
        return {Quota(account, region, _OPERATIONS[step.action]): 1}
    return {
        Quota(account, target.location.region, "ReplicateKey"): 1,
        Quota(account, region, "CreateKey"): CREATE_KEY_PER_REPLICATION,
    }
