"""The six outputs of a key, the same names and meaning as the Terraform module's."""

from __future__ import annotations

from typing import Any

from keywright._internal.lifecycle.key_state import KeyState
from keywright._internal.lifecycle.target import Target
from keywright.errors import KeywrightError


def outputs_of(target: Target, state: KeyState) -> dict[str, Any]:
    """The outputs; null, or empty, where the key is not there.

    Raises:
        KeywrightError: several live keys have its identity.
    """
    if len(state.live) > 1:
        which = ", ".join(item.metadata.arn for item in state.live)
        raise KeywrightError(f"several live keys are `{target.name}`: {which}", "see `keywright plan`")
    live = state.live[0] if state.live else None
    metadata = live.metadata if live else None
    prefix = metadata.arn.partition(":key/")[0] if metadata else ""
    held = state.held(metadata.key_id) if metadata else ()
    names = [name for name in target.key.aliases if name in held]
    return {
        "key_id": metadata.key_id if metadata else None,
        "key_arn": metadata.arn if metadata else None,
        "primary_alias": names[0] if names else None,
        "alias_arns": [f"{prefix}:{name}" for name in names],
        "rotation_enabled": live.rotation.enabled if live and live.rotation else None,
        "replica_key_arns": {
            region: item.metadata.arn
            for region, item in sorted(state.replicas.items())
            if metadata and not item.pending_deletion
        },
    }
