"""The context keys that follow from an operation and its parameters.

https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from keywright._internal.enforcement.operations import Permission
from keywright._internal.facts.actions import ALIAS_ACTIONS, fold
from keywright._internal.proof.evaluation.request import ENCRYPTION_CONTEXT, Context

_COPIED: Final = {
    "BypassPolicyLockoutSafetyCheck": "kms:bypasspolicylockoutsafetycheck",
    "ExpirationModel": "kms:expirationmodel",
    "GranteePrincipal": "kms:granteeprincipal",
    "GranteeServicePrincipal": "kms:granteeserviceprincipal",
    "KeyAgreementAlgorithm": "kms:keyagreementalgorithm",
    "KeyPairSpec": "kms:datakeypairspec",
    "MacAlgorithm": "kms:macalgorithm",
    "PendingWindowInDays": "kms:schedulekeydeletionpendingwindowindays",
    "PrimaryRegion": "kms:primaryregion",
    "ReplicaRegion": "kms:replicaregion",
    "RetiringPrincipal": "kms:retiringprincipal",
    "RetiringServicePrincipal": "kms:retiringserviceprincipal",
    "RotationPeriodInDays": "kms:rotationperiodindays",
    "SigningAlgorithm": "kms:signingalgorithm",
    "ValidTo": "kms:validto",
    "WrappingAlgorithm": "kms:wrappingalgorithm",
    "WrappingKeySpec": "kms:wrappingkeyspec",
}
"""Parameters, each with the context key that carries it; one that isn't given is absent."""

_DEFAULTS: Final = {
    "kms:CreateKey": {
        "KeySpec": ("kms:keyspec", "SYMMETRIC_DEFAULT"),
        "KeyUsage": ("kms:keyusage", "ENCRYPT_DECRYPT"),
        "Origin": ("kms:keyorigin", "AWS_KMS"),
        "MultiRegion": ("kms:multiregion", "false"),
    },
    "kms:GetKeyPolicy": {"PolicyName": ("kms:policyname", "default")},
    "kms:PutKeyPolicy": {"PolicyName": ("kms:policyname", "default")},
    "kms:Sign": {"MessageType": ("kms:messagetype", "RAW")},
    "kms:Verify": {"MessageType": ("kms:messagetype", "RAW")},
}
"""By action: parameters that count with their default, too."""

_ENCRYPTING: Final = frozenset(
    {
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyPair",
        "kms:GenerateDataKeyPairWithoutPlaintext",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    }
)
_GRANTS: Final = frozenset({"kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"})
_SINCE_USE: Final = frozenset({"kms:DisableKey", "kms:ScheduleKeyDeletion"})
_CONSTRAINTS: Final = ("EncryptionContextEquals", "EncryptionContextSubset")


def encryption_context(permission: Permission, asked: Mapping[str, Any]) -> Mapping[str, str]:
    """The encryption context of a call: of CreateGrant, that of the new grant's constraint."""
    if permission.action == "kms:CreateGrant":
        constraints = asked.get("Constraints") or {}
        return next((constraints[name] for name in _CONSTRAINTS if constraints.get(name)), {})
    return asked.get(f"{permission.side}EncryptionContext") or {}


def context_of_operation(permission: Permission, asked: Mapping[str, Any], *, through_service: bool) -> Context:
    """The context keys of one permission that a call needs.

    Args:
        permission: which.
        asked: the call's parameters.
        through_service: whether an AWS service makes the call, on the caller's behalf or its own.
    """
    action = permission.action
    context: Context = {}
    for name, key in _COPIED.items():
        if asked.get(name) is not None:
            context[key] = (_text(asked[name]),)
    for name, (key, default) in _DEFAULTS.get(action, {}).items():
        context[key] = (_text(asked.get(name, default)),)
    if action in _ENCRYPTING:
        given = asked.get(f"{permission.side}EncryptionAlgorithm") or "SYMMETRIC_DEFAULT"
        context["kms:encryptionalgorithm"] = (given,)
    pairs = encryption_context(permission, asked)
    if pairs:
        context.update({f"{ENCRYPTION_CONTEXT}{fold(name)}": (value,) for name, value in pairs.items()})
        context["kms:encryptioncontextkeys"] = tuple(pairs)
    if action in _GRANTS:
        context["kms:grantisforawsresource"] = ("true" if through_service else "false",)
    if action == "kms:CreateGrant":
        context.update(_of_new_grant(asked))
    if action in _SINCE_USE:
        context["kms:trailingdayswithoutkeyusage"] = ("0",)  # nothing here is a day old
    if action not in ALIAS_ACTIONS and "alias/" in permission.named:
        context["kms:requestalias"] = (permission.named[permission.named.index("alias/") :],)
    context.update(_tags(asked))
    return context


def context_of_moment(now: float, headers: Mapping[str, str], client: str) -> Context:
    """The context keys of any request: when it comes, from where and by which program."""
    context: Context = {
        "aws:currenttime": (datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),),
        "aws:epochtime": (str(int(now)),),
        "aws:sourceip": (client,),
    }
    for header, key in (("user-agent", "aws:useragent"), ("referer", "aws:referer")):
        if header in headers:
            context[key] = (headers[header],)
    return context


def _of_new_grant(asked: Mapping[str, Any]) -> Context:
    context: Context = {"kms:grantoperations": tuple(asked.get("Operations") or ())}
    constraints = asked.get("Constraints") or {}
    kinds = tuple(name for name in _CONSTRAINTS if constraints.get(name))
    if kinds:
        context["kms:grantconstrainttype"] = kinds
    if constraints.get("SourceArn"):
        context["kms:grantconstraintsourcearn"] = (constraints["SourceArn"],)
    return context


def _tags(asked: Mapping[str, Any]) -> Context:
    tags = asked.get("Tags") or ()
    context: Context = {f"aws:requesttag/{fold(tag['TagKey'])}": (tag.get("TagValue", ""),) for tag in tags}
    names = (*(tag["TagKey"] for tag in tags), *(asked.get("TagKeys") or ()))
    return {**context, "aws:tagkeys": names} if names else context


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
