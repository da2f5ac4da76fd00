"""The rules about grants: those for an AWS service's own principal, which the emulator doesn't know.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keywright._internal.sandbox.context import Context, Next
from keywright._internal.sandbox.wire import Answer, ApiRequest, answer, refusal

_BY_SERVICE = (("GranteeServicePrincipal", "GranteePrincipal"), ("RetiringServicePrincipal", "RetiringPrincipal"))


@dataclass(frozen=True, slots=True)
class GrantRules:
    """Rules for CreateGrant and ListGrants."""

    context: Context

    async def create(self, request: ApiRequest, forward: Next) -> Answer:
        """CreateGrant, after which ListGrants names the caller's account, also where the key is another's."""
        result = await self._create(request, forward)
        caller = request.credential
        if result.ok and caller is not None and caller.account != request.access_key:
            self.context.memory.issuers[result.document()["GrantId"]] = f"arn:aws:iam::{caller.account}:root"
        return result

    async def _create(self, request: ApiRequest, forward: Next) -> Answer:
        """One of a principal and a service's principal is the grantee; a service's has a source."""
        asked = request.parameters
        services = [(own, plain) for own, plain in _BY_SERVICE if own in asked]
        if not services:
            return await forward()
        if any(plain in asked for _, plain in services):
            return refusal("ValidationException", "Name a principal or a service principal, not both.")
        if "GranteeServicePrincipal" in asked and "SourceArn" not in (asked.get("Constraints") or {}):
            return refusal("ValidationException", "A grant for a service principal needs a SourceArn constraint.")
        changed: dict[str, Any] = {name: value for name, value in asked.items() if name not in dict(services)}
        return await self.context.emulator.again(request, **changed, **{plain: asked[own] for own, plain in services})

    async def listed(self, _request: ApiRequest, forward: Next) -> Answer:
        """ListGrants: a service's principal has a field of its own."""
        result = await forward()
        if not result.ok:
            return result
        document = result.document()
        for grant in document["Grants"]:
            grant["IssuingAccount"] = self.context.memory.issuers.get(grant["GrantId"], grant["IssuingAccount"])
            for own, plain in _BY_SERVICE:
                if str(grant.get(plain, "")).endswith((".amazonaws.com", ".amazonaws.com.cn")):
                    grant[own] = grant.pop(plain)
        return answer(document)
