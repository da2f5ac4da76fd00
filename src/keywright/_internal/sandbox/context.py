"""What every rule of the layer needs: the emulator to ask, and the layer's memory."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from keywright._internal.sandbox.memory import KeyName, Memory
from keywright._internal.sandbox.wire import Answer, ApiRequest, Emulator

Next = Callable[[], Awaitable[Answer]]
"""Hands the request on to the emulator."""

Rule = Callable[[ApiRequest, Next], Awaitable[Answer]]
"""Answers a request, by the emulator's help or without it."""


@dataclass(frozen=True, slots=True)
class Context:
    """The emulator, and what the layer remembers."""

    emulator: Emulator
    memory: Memory = field(default_factory=Memory)

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
