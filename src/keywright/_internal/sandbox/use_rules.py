"""The rules about using keys: the last use of each, and key agreement."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from keywright._internal.sandbox.agreement import derive_shared_secret, public_key_bytes
from keywright._internal.sandbox.context import Context, Next, key_in
from keywright._internal.sandbox.states import check_state
from keywright._internal.sandbox.wire import Answer, ApiRequest, answer, refusal


@dataclass(frozen=True, slots=True)
class UseRules:
    """Rules for Decrypt, GetKeyLastUsage, GetPublicKey, ReEncrypt and DeriveSharedSecret."""

    context: Context

    async def last_usage(self, request: ApiRequest, _forward: Next) -> Answer:
        """GetKeyLastUsage, which the emulator lacks."""
        metadata = await self.context.look_up(request)
        if metadata is None:
            return refusal("NotFoundException", f"Key {request.parameters.get('KeyId')} not found")
        document: dict[str, Any] = {
            "KeyId": metadata["KeyId"],
            "KeyLastUsage": {},
            "TrackingStartDate": metadata["CreationDate"],
            "KeyCreationDate": metadata["CreationDate"],
        }
        used = self.context.memory.used.get(await self.context.name(request, metadata))
        if used:
            document["KeyLastUsage"] = {"Operation": used[0], "Timestamp": used[1]}
        return answer(document)

    async def public_key(self, request: ApiRequest, forward: Next) -> Answer:
        """GetPublicKey: of a key-agreement key, the one that the layer made."""
        result = await forward()
        if not result.ok:
            return result
        document = result.document()
        account, _ = await self.context.emulator.identity(request.access_key)
        private = self.context.memory.agreement.get((account, document["KeyId"].partition(":key/")[2]))
        if private is None:
            return result
        document["PublicKey"] = base64.b64encode(public_key_bytes(private)).decode()
        document["KeyAgreementAlgorithms"] = ["ECDH"]
        return answer(document)

    async def decrypt(self, request: ApiRequest, forward: Next) -> Answer:
        """Decrypt: a ciphertext that another key made is refused; the emulator decrypts it to something else."""
        named, made_with = request.parameters.get("KeyId"), key_in(request.parameters.get("CiphertextBlob", ""))
        if named and not named.endswith(made_with):
            metadata = await self.context.look_up(request)
            if metadata is not None and metadata["KeySpec"] == "SYMMETRIC_DEFAULT":
                said = "The key ID in the request does not identify a CMK that can perform this operation."
                if metadata["KeyId"] != made_with:
                    return refusal("IncorrectKeyException", said)
        return await forward()

    async def re_encrypt(self, request: ApiRequest, _forward: Next) -> Answer:
        """ReEncrypt, which the emulator lacks: decrypted with one key and encrypted with the other."""
        asked = request.parameters
        blob = asked.get("CiphertextBlob", "")
        source = self.context.key_of(request, asked.get("SourceKeyId"), blob)
        opened = await self.context.emulator.kms(
            replace(request, access_key=source[0]),
            "Decrypt",
            region=source[1],
            CiphertextBlob=blob,
            EncryptionContext=asked.get("SourceEncryptionContext") or {},
            **_given(asked, KeyId="SourceKeyId", EncryptionAlgorithm="SourceEncryptionAlgorithm"),
        )
        if not opened.ok:
            return opened
        target = self.context.key_of(request, asked.get("DestinationKeyId"), "")
        closed = await self.context.emulator.kms(
            replace(request, access_key=target[0]),
            "Encrypt",
            region=target[1],
            Plaintext=opened.document()["Plaintext"],
            EncryptionContext=asked.get("DestinationEncryptionContext") or {},
            **_given(asked, KeyId="DestinationKeyId", EncryptionAlgorithm="DestinationEncryptionAlgorithm"),
        )
        if not closed.ok:
            return closed
        found = closed.document()
        return answer(
            {
                "CiphertextBlob": found["CiphertextBlob"],
                "SourceKeyId": opened.document()["KeyId"],
                "KeyId": found["KeyId"],
                "SourceEncryptionAlgorithm": opened.document()["EncryptionAlgorithm"],
                "DestinationEncryptionAlgorithm": found["EncryptionAlgorithm"],
            }
        )

    async def derive_shared_secret(self, request: ApiRequest, _forward: Next) -> Answer:
        """DeriveSharedSecret, which the emulator lacks."""
        metadata = await self.context.look_up(request)
        if metadata is None:
            return refusal("NotFoundException", f"Key {request.parameters.get('KeyId')} not found")
        refused = check_state("DeriveSharedSecret", metadata)
        if refused:
            return refused
        account, _, key_id = await self.context.name(request, metadata)
        private = self.context.memory.agreement.get((account, key_id))
        if private is None:
            return refusal("InvalidKeyUsageException", f"{metadata['Arn']} isn't a key-agreement key.")
        secret = derive_shared_secret(private, base64.b64decode(request.parameters.get("PublicKey", "")))
        if secret is None:
            return refusal("ValidationException", "PublicKey isn't a public key on the key's curve.")
        return answer(
            {
                "KeyId": metadata["Arn"],
                "SharedSecret": base64.b64encode(secret).decode(),
                "KeyAgreementAlgorithm": "ECDH",
                "KeyOrigin": metadata["Origin"],
            }
        )


def _given(asked: Mapping[str, Any], **names: str) -> dict[str, Any]:
    """Parameters by another name, those that are there."""
    return {name: asked[own] for name, own in names.items() if asked.get(own)}
