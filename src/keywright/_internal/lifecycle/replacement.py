"""Replaces a key that AWS can't change in place: a new key takes its name and aliases, the old one still decrypts.

The old key is retired first: it loses `keywright:key` and keeps its name in another tag. From there on `apply` knows
what to do, so a run that is killed at any call is finished by the same command, or by `apply`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from keywright._internal.aws import Cloud
from keywright._internal.lifecycle.key_state import AliasHolder, KeyState, LiveKey
from keywright._internal.lifecycle.planning import plan
from keywright._internal.lifecycle.reporting import Report
from keywright._internal.lifecycle.steps import KeyPlan, Plan
from keywright._internal.lifecycle.target import KEY_TAG, RETIRED_TAG, Target
from keywright._internal.lifecycle.waiting import NotVisibleYet, Waits
from keywright.errors import KeywrightError

_KEEPS = {
    "ENCRYPT_DECRYPT": "it keeps decrypting what it encrypted; nothing is encrypted anew, which is for its users to do",
    "SIGN_VERIFY": "it keeps verifying what it signed; verifiers outside of AWS need the new key's public key",
    "GENERATE_VERIFY_MAC": "it keeps verifying the MACs that it generated",
    "KEY_AGREEMENT": "secrets derived with it stay as they are; partners need the new key's public key",
}


def consequences(state: KeyState) -> tuple[str, ...]:
    """What happens to the key that is replaced and to its replicas, a line each."""
    old = state.live[0]
    lines = [f"retire {key.metadata.arn}: remove the tag `{KEY_TAG}`" for key in _members(state)]
    lines.append(f"{_KEEPS[old.metadata.usage]}; it is not deleted and keeps its price")
    return tuple(lines)


def planned_replacement(target: Target, state: KeyState) -> Plan:
    """What `apply` would do once the old key is retired.

    Raises:
        KeywrightError: there is nothing to replace, or `apply` would refuse.
    """
    if len(state.live) != 1:
        steps = plan(target, state)
        why = (
            "; ".join(step.summary for step in steps if step.action == "refuse") or "there is no live key of that name"
        )
        raise KeywrightError(f"`{target.name}` can't be replaced: {why}", "see `keywright plan`")
    old = state.live[0].metadata.key_id
    aliases = {
        name: AliasHolder(old, "Enabled", target.name) if holder.key_id == old else holder
        for name, holder in state.aliases.items()
    }
    without = replace(state, keys=(), replicas={}, relatives={}, aliases=aliases)
    planned = KeyPlan(target, without, plan(target, without))
    refused = planned.refusals
    if refused:
        raise KeywrightError(
            f"`{target.name}` can't be replaced: " + "; ".join(step.summary for step in refused),
            "; ".join(dict.fromkeys(step.reason for step in refused)),
        )
    return Plan((planned,))


def _members(state: KeyState) -> tuple[LiveKey, ...]:
    """The key's replicas, then the key."""
    return (*(item for _, item in sorted(state.replicas.items())), *state.live)


def retire(cloud: Cloud, target: Target, state: KeyState, report: Report, waits: Waits) -> tuple[str, ...]:
    """Take the identity away from the key and its replicas, replicas first; what was done.

    Raises:
        NotVisibleYet: if KMS doesn't show the new tags after all our patience.
    """
    applied: list[str] = []
    for key in _members(state):
        waits.check()
        _retire(cloud, target, key, waits)
        applied.append(f"retired {key.metadata.arn}: Keywright no longer changes it")
        report.say(target.name, applied[-1])
    return tuple(applied)


def _retire(cloud: Cloud, target: Target, key: LiveKey, waits: Waits) -> None:
    service = target.service(cloud, key.metadata.region)
    arn = key.metadata.arn
    waits.visible(lambda: service.tag(arn, {RETIRED_TAG: target.name}))
    waits.visible(lambda: service.untag(arn, [KEY_TAG]))

    def look() -> Mapping[str, str] | None:
        tags = service.tags(arn)
        return tags if KEY_TAG not in tags else None

    if waits.until(look, what=f"KMS to show the new tags of {arn}") is None:
        raise NotVisibleYet(
            f"KMS doesn't show the new tags of {arn} after {waits.seconds:.0f} seconds",
            "run the same command again in a minute",
        )
