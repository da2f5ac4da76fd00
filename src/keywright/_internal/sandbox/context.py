"""What every rule of the layer needs: the emulator to ask, and the layer's memory."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from keywright._internal.sandbox.authorization import Authorizer
from keywright._internal.sandbox.memory import KeyName, Memory
from keywright._internal.sandbox.wire import Answer, ApiRequest, Emulator

_ID_LENGTH = 36

Next = Callable[[], Awaitable[Answer]]
"""Hands the request on to the emulator."""

Rule = Callable[[ApiRequest, Next], Awaitable[Answer]]
"""Answers a request, by the emulator's help or without it."""


@dataclass(slots=True)
class Context:
    """The emulator, what the layer remembers, and who authorizes requests, if anybody does."""

    emulator: Emulator
    memory: Memory = field(default_factory=Memory)
    authorizer: Authorizer | None = None

    async def look_up(self, request: ApiRequest) -> dict[str, Any] | None:
        """The metadata of the key that a request is about, or None if there is no such key."""
        named = request.parameters.get("TargetKeyId") or request.parameters.get("KeyId") or ""
        return await self.metadata(request, named)

    async def metadata(self, request: ApiRequest, named: str, region: str | None = None) -> dict[str, Any] | None:
        """The metadata of a key, as KMS would show it, or None if there is no such key."""
        found = await self.emulator.kms(request, "DescribeKey", region=region, KeyId=named)
        if not found.ok:
            return None
        account, _ = await self.emulator.identity(request.access_key)
        return self.memory.complete(account, found.document()["KeyMetadata"])

    async def name(self, request: ApiRequest, metadata: dict[str, Any]) -> KeyName:
        """The account, Region and ID of the key."""
        account, _ = await self.emulator.identity(request.access_key)
        return account, metadata["Arn"].split(":")[3], metadata["KeyId"]

    def key_of(self, request: ApiRequest, named: str | None, ciphertext: str) -> tuple[str, str, str]:
        """The account, Region and name of the key that a request names, or that its ciphertext was made with.

        Args:
            request: the request.
            named: the key's ID, ARN or alias, as the request has it.
            ciphertext: base64; counts where no key is named.
        """
        if not named:
            named = key_in(ciphertext)
            owner = self.memory.owner(request.region, named) if named else None
            return owner or request.access_key, request.region, named
        if not named.startswith("arn:"):
            account = request.credential.account if request.credential is not None else request.access_key
            return account, request.region, named
        _, _, _, region, account, *_ = f"{named}:::::".split(":")
        return account, region, named


def key_in(ciphertext: str) -> str:
    """The ID of the key that a symmetric ciphertext was made with: the emulator writes it in front."""
    try:
        return base64.b64decode(ciphertext)[:_ID_LENGTH].decode("ascii")
    except ValueError:
        return ""
