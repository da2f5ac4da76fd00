"""Which permissions an operation of KMS needs, and on what.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from keywright._internal.facts.actions import ALIAS_ACTIONS, IAM_ONLY, RE_ENCRYPT, canonical_action

On = Literal["key", "alias", "nothing", "new key"]


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission.

    Args:
        action: the action, as `kms:Decrypt`.
        on: what it is on: a key that is there, an alias by its name, nothing at all, or a key that is still to be made.
        named: the key or alias as the request names it; empty where the ciphertext tells the key.
        ciphertext: base64, where that tells the key.
        region: the Region that it is needed in, where that isn't the request's own.
        side: of ReEncrypt, whose encryption context and algorithm count.
    """

    action: str
    on: On
    named: str = ""
    ciphertext: str = ""
    region: str | None = None
    side: Literal["", "Source", "Destination"] = ""


def permissions_for(  # noqa: PLR0911 - one return a kind of operation
    operation: str, asked: Mapping[str, Any]
) -> tuple[Permission, ...]:
    """The permissions that a call needs, all of them; none for an operation that KMS doesn't have.

    Args:
        operation: for example `Decrypt`.
        asked: the call's parameters.
    """
    action = canonical_action(f"kms:{operation}")
    if action is None:
        return ()
    if action == RE_ENCRYPT:
        source = str(asked.get("SourceKeyId") or "")
        return (
            Permission("kms:ReEncryptFrom", "key", source, str(asked.get("CiphertextBlob", "")), side="Source"),
            Permission("kms:ReEncryptTo", "key", str(asked.get("DestinationKeyId", "")), side="Destination"),
        )
    if action in ALIAS_ACTIONS:
        return tuple(_of_alias(action, asked))
    key = str(asked.get("KeyId") or "")
    if operation == "CreateKey":
        return (Permission(action, "nothing"), *_tagging(asked, None))
    if operation == "ReplicateKey":
        region = str(asked.get("ReplicaRegion", ""))
        made = Permission("kms:CreateKey", "nothing", region=region)
        return (Permission(action, "key", key), made, *_tagging(asked, region))
    if action in IAM_ONLY:
        return (Permission(action, "nothing"),)
    return (Permission(action, "key", key, "" if key else str(asked.get("CiphertextBlob", ""))),)


def _of_alias(action: str, asked: Mapping[str, Any]) -> list[Permission]:
    """On the alias, and on each key that has it or gets it."""
    alias, target = str(asked.get("AliasName", "")), str(asked.get("TargetKeyId", ""))
    keys = {"kms:CreateAlias": [target], "kms:DeleteAlias": [alias], "kms:UpdateAlias": [alias, target]}[action]
    return [Permission(action, "alias", alias), *(Permission(action, "key", key) for key in keys)]


def _tagging(asked: Mapping[str, Any], region: str | None) -> tuple[Permission, ...]:
    """A key that is made with tags needs the permission to tag it."""
    return (Permission("kms:TagResource", "new key", region=region),) if asked.get("Tags") else ()
