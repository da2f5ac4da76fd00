"""What the layer asks of whoever authorizes requests: nobody, or `keywright._internal.enforcement`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from keywright._internal.sandbox.wire import Answer, ApiRequest

Ask = Callable[..., Awaitable[Answer]]
"""`ask(account, region, operation, **parameters)`: a question to KMS, in the name of an account."""


class Authorizer(Protocol):
    """Decides which requests go on."""

    async def admit(self, request: ApiRequest) -> Answer | ApiRequest:
        """The refusal of a call to KMS or of AssumeRole; or the request, in the account of the key that it is on."""

    async def may_put_policy(self, request: ApiRequest, policy: dict[str, Any]) -> bool:
        """Whether the caller could change a key's policy again if this were it."""

    def passed(self, request: ApiRequest, result: Answer) -> None:
        """Take note of a call that succeeded: what was read before may be out of date."""
