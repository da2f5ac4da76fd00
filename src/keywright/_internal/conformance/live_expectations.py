"""What must be true of the live test's keys, by AWS's own answers: while they are alive, and once destroyed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keywright._internal.conformance.live_root import REGION, REPLICA_REGION
from keywright._internal.conformance.live_view import LiveKey, LiveView
from keywright._internal.lifecycle.policy_normalization import canonical_statements
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.document import PolicyDocument, as_json
from keywright._internal.policy.generation import key_policy, replica_policy

_GOING = {"PendingDeletion", "PendingReplicaDeletion"}


def while_alive(view: LiveView, inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> list[str]:
    """Where AWS differs from the module's inputs and outputs, each in one sentence."""
    key = Key.model_validate({**inputs, "region": REGION, "replica_regions": {REPLICA_REGION: {}}})
    location = KeyLocation(view.key.arn.split(":")[1], view.key.account, REGION)
    expected: dict[str, tuple[object, object]] = {
        "the key's state": (view.key.state, "Enabled"),
        "the replica's state": (view.replica.state, "Enabled"),
        "the key's place in its set": (view.key.multi_region_type, "PRIMARY"),
        "the replica's place in its set": (view.replica.multi_region_type, "REPLICA"),
        "the description": (view.key.description, key.description),
        "the aliases": (view.key.aliases, tuple(sorted(key.aliases))),
        "the key's tags": (dict(view.key.tags), dict(key.tags)),
        "the replica's tags": (dict(view.replica.tags), dict(key.tags)),
        "the rotation period": (view.key.rotation_period_in_days, key.rotation_period_in_days),
        "the output `key_id`": (outputs["key_id"], view.key.arn.rpartition("/")[2]),
        "the output `primary_alias`": (outputs["primary_alias"], key.aliases[0]),
        "the output `alias_arns`": (
            outputs["alias_arns"],
            [f"{view.key.arn.partition(':key/')[0]}:{name}" for name in key.aliases],
        ),
        "the output `rotation_enabled`": (outputs["rotation_enabled"], True),
    }
    broken = [f"{name} is {found!r}, not {wanted!r}" for name, (found, wanted) in expected.items() if found != wanted]
    if not _same(view.key.policy, key_policy(key, location)):
        broken.append("the key's policy is not the one that the Python generator writes")
    if not _same(view.replica.policy, replica_policy(key, location, REPLICA_REGION)):
        broken.append("the replica's policy is not the one that the Python generator writes")
    if view.works is not True:
        broken.append("what was encrypted with the key can't be decrypted with its replica")
    return broken


def after_destroy(view: LiveView) -> list[str]:
    """What is left that should be gone."""
    return [
        f"the {name} {problem}"
        for name, key in (("key", view.key), ("replica", view.replica))
        for problem in _left(key)
    ]


def _left(key: LiveKey) -> list[str]:
    left = [f"is {key.state}, and its deletion is not scheduled"] if key.state not in _GOING else []
    if key.state == "PendingDeletion" and key.deletion_date is None:
        left.append("has no date of deletion")
    if key.aliases:
        left.append(f"still has the aliases {', '.join(key.aliases)}")
    return left


def _same(text: str, expected: PolicyDocument) -> bool:
    return canonical_statements(text) == canonical_statements(as_json(expected))
