"""The six outputs of a key, the same names and meaning as the Terraform module's."""

from __future__ import annotations

from typing import Any

from keywright._internal.lifecycle.key_state import KeyState
from keywright._internal.lifecycle.target import Target
from keywright.errors import KeywrightError


def outputs_of(target: Target, state: KeyState) -> dict[str, Any]:
    """The outputs.

    Raises:
        KeywrightError: no live key has its identity, or several have.
    """
    if len(state.live) > 1:
        which = ", ".join(item.metadata.arn for item in state.live)
        raise KeywrightError(f"several live keys are `{target.name}`: {which}", "see `keywright plan`")
    if not state.live:
        pending = ", ".join(item.metadata.arn for item in state.pending)
        raise KeywrightError(
            f"the key `{target.name}` is pending deletion: {pending}"
            if pending
            else f"key `{target.name}` does not exist",
            f"run `keywright {'restore' if pending else 'apply'} FILE --key {target.name}`",
        )
    live = state.live[0]
    metadata = live.metadata
    prefix = metadata.arn.partition(":key/")[0]
    held = state.held(metadata.key_id)
    names = [name for name in target.key.aliases if name in held]
    return {
        "key_id": metadata.key_id,
        "key_arn": metadata.arn,
        "primary_alias": names[0] if names else None,
        "alias_arns": [f"{prefix}:{name}" for name in names],
        "rotation_enabled": live.rotation.enabled if live.rotation else None,
        "replica_key_arns": {
            region: item.metadata.arn for region, item in sorted(state.replicas.items()) if not item.pending_deletion
        },
    }
