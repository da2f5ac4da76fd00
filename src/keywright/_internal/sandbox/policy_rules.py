"""The rules about key policies: what KMS checks when one is written, and how it gives one back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from keywright._internal.sandbox.context import Context, Next
from keywright._internal.sandbox.policies import (
    INVALID_PRINCIPALS,
    LOCKOUT,
    as_kms_returns_it,
    check_policy,
    may_put_policy,
    named_identities,
    partitions_named,
)
from keywright._internal.sandbox.wire import Answer, ApiRequest, answer, refusal

_PARTITION = "aws"
"""The only one the emulator knows."""


@dataclass(frozen=True, slots=True)
class PolicyRules:
    """Rules for PutKeyPolicy, GetKeyPolicy and every other call that carries a policy.

    Args:
        context: what all rules need.
        strict: whether roles and users that a policy names must exist.
        strict_accounts: callers' accounts for which they must, whatever `strict` says.
    """

    context: Context
    strict: bool
    strict_accounts: set[str] = field(default_factory=set)

    async def refuse(self, request: ApiRequest) -> Answer | None:
        """KMS's refusal of the policy in a request, or None if it would take it."""
        text = request.parameters.get("Policy")
        if text is None:
            return None
        policy = check_policy(text)
        if isinstance(policy, Answer):
            return policy
        if partitions_named(policy) - {_PARTITION}:
            return refusal("MalformedPolicyDocumentException", INVALID_PRINCIPALS)
        account, _ = await self.context.emulator.identity(request.access_key)
        if self.strict or account in self.strict_accounts:
            for arn in sorted(named_identities(policy)):
                if not await self.context.emulator.principal(arn):
                    return refusal("MalformedPolicyDocumentException", INVALID_PRINCIPALS)
        bypassed = request.parameters.get("BypassPolicyLockoutSafetyCheck")
        if not bypassed and not await self._may_put_policy(request, policy):
            return refusal("MalformedPolicyDocumentException", LOCKOUT)
        return None

    async def _may_put_policy(self, request: ApiRequest, policy: dict[str, Any]) -> bool:
        """What KMS's lockout check asks: by the caller's IAM policies, too, where requests are authorized."""
        if self.context.authorizer is not None:
            return await self.context.authorizer.may_put_policy(request, policy)
        account, caller = await self.context.emulator.identity(request.access_key)
        if request.credential is not None:
            account, caller = request.credential.account, request.credential.arn
        return may_put_policy(policy, account, caller)

    async def put(self, request: ApiRequest, forward: Next) -> Answer:
        """PutKeyPolicy."""
        refused = await self.refuse(request)
        if refused:
            return refused
        metadata = await self.context.look_up(request)
        result = await forward()
        if result.ok and metadata:
            self.context.memory.written[await self.context.name(request, metadata)] = self.context.memory.tick()
        return result

    async def get(self, request: ApiRequest, forward: Next) -> Answer:
        """GetKeyPolicy: the policy's meaning, not its text."""
        result = await forward()
        metadata = await self.context.look_up(request) if result.ok else None
        if metadata is None:
            return result
        policy = check_policy(result.document()["Policy"])
        if isinstance(policy, Answer):
            return result
        dead = self.context.memory.dead_principals(await self.context.name(request, metadata))
        return answer({"Policy": as_kms_returns_it(policy, dead), "PolicyName": "default"})

    async def delete_principal(self, request: ApiRequest, forward: Next) -> Answer:
        """Deleting a role or user leaves its unique ID behind in key policies."""
        account, _ = await self.context.emulator.identity(request.access_key)
        kind = "role" if request.operation == "DeleteRole" else "user"
        name = request.parameters.get("RoleName" if kind == "role" else "UserName", "")
        arn, unique_id = await self.context.emulator.identity_named(account, kind, name)
        result = await forward()
        if result.ok and unique_id:
            self.context.memory.deleted.setdefault(arn, []).append((self.context.memory.tick(), unique_id))
        return result
