"""The rules about keys: families, deletion, rotation, tags and aliases."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from keywright._internal.sandbox.agreement import CURVES, new_private_key
from keywright._internal.sandbox.context import Context, Next
from keywright._internal.sandbox.policy_rules import PolicyRules
from keywright._internal.sandbox.states import PENDING
from keywright._internal.sandbox.wire import Answer, ApiRequest, answer, refusal

_ALIAS = re.compile(r"alias/[a-zA-Z0-9/_-]{1,250}")
_PERIODS = range(90, 2561)
_MOST_TAGS = 50
CUSTOM_ORIGINS = frozenset({"AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"})
_OF_CUSTOM_STORES = frozenset({"Origin", "CustomKeyStoreId", "XksKeyId"})


@dataclass(frozen=True, slots=True)
class KeyRules:
    """Rules for the operations that make, change and end keys and aliases."""

    context: Context
    policies: PolicyRules

    async def create(self, request: ApiRequest, forward: Next) -> Answer:
        """CreateKey."""
        refused = await self.policies.refuse(request) or _refuse_tags(request.parameters.get("Tags") or [])
        if refused:
            return refused
        if request.parameters.get("KeyUsage") == "KEY_AGREEMENT" and request.parameters.get("KeySpec") not in CURVES:
            return refusal("ValidationException", "The key spec can't be used for key agreement.")
        origin = request.parameters.get("Origin", "AWS_KMS")
        store = request.parameters.get("CustomKeyStoreId")
        if (origin in CUSTOM_ORIGINS) is not bool(store):
            return refusal("ValidationException", "CustomKeyStoreId and an Origin of a custom key store go together.")
        if store:
            asked = {name: value for name, value in request.parameters.items() if name not in _OF_CUSTOM_STORES}
            result = await self.context.emulator.again(request, **asked)
        else:
            result = await forward()
        if not result.ok:
            return result
        metadata = result.document()["KeyMetadata"]
        account, region, key_id = await self.context.name(request, metadata)
        if store:
            self.context.memory.stores[account, key_id] = (origin, store)
        self.context.memory.make((account, region, key_id))
        if metadata.get("MultiRegion"):
            self.context.memory.regions[account, key_id] = [region]
        if metadata["KeyUsage"] == "KEY_AGREEMENT":
            self.context.memory.agreement[account, key_id] = new_private_key(metadata["KeySpec"])
        return answer({"KeyMetadata": self.context.memory.complete(account, metadata)})

    async def replicate(self, request: ApiRequest, forward: Next) -> Answer:
        """ReplicateKey: a Region with a replica pending deletion still is taken."""
        primary = await self.context.look_up(request)
        refused = await self.policies.refuse(request) or _refuse_tags(request.parameters.get("Tags") or [])
        region = request.parameters.get("ReplicaRegion", "")
        if primary and not refused:
            account, _, key_id = await self.context.name(request, primary)
            members = self.context.memory.regions.get((account, key_id), [])
            if region in members:
                refused = refusal("AlreadyExistsException", f"{key_id} already exists in {region}.")
        if refused:
            return refused
        result = await forward()
        if not result.ok or not primary:
            return result
        members.append(region)
        self.context.memory.make((account, region, key_id))
        document = result.document()
        document["ReplicaKeyMetadata"] = self.context.memory.complete(account, document["ReplicaKeyMetadata"])
        return answer(document)

    async def describe(self, request: ApiRequest, forward: Next) -> Answer:
        """DescribeKey."""
        result = await forward()
        if not result.ok:
            return result
        account, _ = await self.context.emulator.identity(request.access_key)
        return answer({"KeyMetadata": self.context.memory.complete(account, result.document()["KeyMetadata"])})

    async def schedule_deletion(self, request: ApiRequest, forward: Next) -> Answer:
        """ScheduleKeyDeletion: a primary with replicas waits for them, those pending deletion too."""
        metadata = await self.context.look_up(request)
        result = await forward()
        if not result.ok or metadata is None:
            return result
        name = await self.context.name(request, metadata)
        window = request.parameters.get("PendingWindowInDays", 30)
        document = {**result.document(), "PendingWindowInDays": window}
        members = self.context.memory.regions.get((name[0], name[2]), [])
        if members[1:] and members[0] == name[1]:
            self.context.memory.waiting[name] = window
            document.pop("DeletionDate", None)
            document["KeyState"] = "PendingReplicaDeletion"
        return answer(document)

    async def cancel_deletion(self, request: ApiRequest, forward: Next) -> Answer:
        """CancelKeyDeletion."""
        metadata = await self.context.look_up(request)
        result = await forward()
        if result.ok and metadata:
            self.context.memory.waiting.pop(await self.context.name(request, metadata), None)
        return result

    async def tag(self, request: ApiRequest, forward: Next) -> Answer:
        """TagResource."""
        return _refuse_tags(request.parameters.get("Tags") or []) or await forward()

    async def enable_rotation(self, request: ApiRequest, forward: Next) -> Answer:
        """EnableKeyRotation."""
        period = request.parameters.get("RotationPeriodInDays")
        if period is not None and period not in _PERIODS:
            return refusal("ValidationException", "RotationPeriodInDays must be between 90 and 2560.")
        return await forward()

    async def rotation_status(self, request: ApiRequest, forward: Next) -> Answer:
        """Of a family, the primary's; false while pending deletion; no period where there is no rotation."""
        metadata = await self.context.look_up(request)
        if metadata is None:
            return await forward()
        if metadata["Origin"] != "AWS_KMS":
            return refusal("UnsupportedOperationException", f"{metadata['Arn']} has material from outside of KMS.")
        family = metadata.get("MultiRegionConfiguration") or {}
        region = (family.get("PrimaryKey") or {}).get("Region")
        result = await self.context.emulator.kms(
            request, "GetKeyRotationStatus", region=region, KeyId=metadata["KeyId"]
        )
        if not result.ok:
            return result if metadata["KeySpec"] == "SYMMETRIC_DEFAULT" else answer({"KeyRotationEnabled": False})
        document = {"KeyId": metadata["Arn"], **result.document()}
        if metadata["KeyState"] in PENDING or not document["KeyRotationEnabled"]:
            document = {"KeyId": metadata["Arn"], "KeyRotationEnabled": False}
        return answer(document)

    async def create_alias(self, request: ApiRequest, forward: Next) -> Answer:
        """CreateAlias."""
        name = request.parameters.get("AliasName", "")
        if not _ALIAS.fullmatch(name) or name.startswith("alias/aws/"):
            return refusal("InvalidAliasNameException", f"{name} is not a valid alias name.")
        return await forward()

    async def update_alias(self, request: ApiRequest, forward: Next) -> Answer:
        """The old and the new key must be of one type class and usage."""
        old = await self.context.metadata(request, request.parameters.get("AliasName", ""))
        new = await self.context.look_up(request)
        if old and new and _type_class(old) != _type_class(new):
            return refusal("ValidationException", "The alias can't be moved to a key of another type or usage.")
        return await forward()


def _refuse_tags(tags: list[dict[str, str]]) -> Answer | None:
    names = [tag.get("TagKey", "") for tag in tags]
    if len(set(names)) != len(names) or any(name.lower().startswith("aws:") for name in names):
        return refusal("TagException", "Tag keys must be unique and must not begin with aws:.")
    if len(names) > _MOST_TAGS:
        return refusal("LimitExceededException", f"A key has at most {_MOST_TAGS} tags.")
    return None


def _type_class(metadata: dict[str, Any]) -> tuple[str, str]:
    spec: str = metadata["KeySpec"]
    kind = "symmetric" if spec == "SYMMETRIC_DEFAULT" else "hmac" if spec.startswith("HMAC") else "asymmetric"
    return kind, metadata["KeyUsage"]
