"""Which operation a key's state allows: AWS's table, for the operations that the emulator doesn't check itself.

https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

from typing import Any

from keywright._internal.sandbox.wire import Answer, refusal

PENDING = frozenset({"PendingDeletion", "PendingReplicaDeletion"})

_NOT_WHILE_PENDING = frozenset(
    {
        "CreateAlias",
        "DisableKey",
        "DisableKeyRotation",
        "EnableKey",
        "EnableKeyRotation",
        "ReplicateKey",
        "ScheduleKeyDeletion",
        "TagResource",
        "UntagResource",
        "UpdateAlias",
        "UpdateKeyDescription",
    }
)
_NOT_WHILE_DISABLED = frozenset({"DisableKeyRotation", "EnableKeyRotation", "ReplicateKey"})

CRYPTOGRAPHIC = frozenset(
    {
        "Decrypt",
        "DeriveSharedSecret",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GetPublicKey",
        "Sign",
        "Verify",
        "VerifyMac",
    }
)

STATEFUL = _NOT_WHILE_PENDING | _NOT_WHILE_DISABLED | {"CancelKeyDeletion"}
"""Operations whose key has to be looked at before they go on."""

_ROTATION = frozenset({"EnableKeyRotation", "DisableKeyRotation"})


def check_state(operation: str, metadata: dict[str, Any]) -> Answer | None:
    """KMS's refusal of an operation on a key in its present state, or None if it is allowed."""
    arn, state = metadata["Arn"], metadata["KeyState"]
    if operation == "CancelKeyDeletion":
        if state in PENDING:
            return None
        return refusal("KMSInvalidStateException", f"{arn} is not pending deletion.")
    if state in PENDING and operation in (_NOT_WHILE_PENDING | CRYPTOGRAPHIC):
        words = "pending replica deletion" if state == "PendingReplicaDeletion" else "pending deletion"
        return refusal("KMSInvalidStateException", f"{arn} is {words}.")
    if state == "Disabled" and operation in (_NOT_WHILE_DISABLED | CRYPTOGRAPHIC):
        return refusal("DisabledException", f"{arn} is disabled.")
    if operation in _ROTATION:
        return _check_rotation(metadata)
    return None


def _check_rotation(metadata: dict[str, Any]) -> Answer | None:
    """Only symmetric keys of KMS's own material rotate; of a multi-Region family, the primary."""
    if metadata["KeySpec"] != "SYMMETRIC_DEFAULT" or metadata["Origin"] != "AWS_KMS":
        return refusal("UnsupportedOperationException", f"{metadata['Arn']} can't be rotated automatically.")
    family = metadata.get("MultiRegionConfiguration") or {}
    if family.get("MultiRegionKeyType") == "REPLICA":
        return refusal("UnsupportedOperationException", f"{metadata['Arn']} is a replica; rotate its primary.")
    return None
