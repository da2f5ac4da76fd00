"""The rules about AWS Organizations: who has one, who may ask about it, and what a new unit or account begins with.

https://docs.aws.amazon.com/organizations/latest/APIReference/
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import urlencode

from keywright._internal.sandbox.context import Context, Next
from keywright._internal.sandbox.wire import Answer, ApiRequest, refusal

_FULL_ACCESS = "p-FullAWSAccess"
_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
_ACCESS_ROLE = "OrganizationAccountAccessRole"


@dataclass(frozen=True, slots=True)
class OrganizationRules:
    """Rules for every operation of AWS Organizations."""

    context: Context

    async def answer(self, request: ApiRequest, forward: Next) -> Answer:
        """Answer a call: an organization begins with CreateOrganization, or with the first other change."""
        account = request.access_key
        management = self.context.memory.organizations.get(account)
        if request.operation.startswith(("Describe", "List")):
            return await self._read(request, management, forward)
        if request.operation == "CreateOrganization" and management is not None:
            return refusal("AlreadyInOrganizationException", "The provided account is already in an organization.")
        if management not in {None, account}:
            return _denied()
        self.context.memory.organizations[account] = account
        if request.operation == "CreateOrganization":
            return await self.context.emulator.organizations(account, "DescribeOrganization")
        return await self._change(request, forward)

    async def _read(self, request: ApiRequest, management: str | None, forward: Next) -> Answer:
        """The management account may ask everything, a member only which organization it is in."""
        if management is None:
            return refusal("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
        if management == request.access_key:
            return await forward()
        if request.operation == "DescribeOrganization":
            return await self.context.emulator.organizations(management, "DescribeOrganization")
        return _denied()

    async def _change(self, request: ApiRequest, forward: Next) -> Answer:
        result = await forward()
        if not result.ok:
            return result
        if request.operation == "CreateOrganizationalUnit":
            unit = result.document()["OrganizationalUnit"]["Id"]
            await self.context.emulator.organizations(
                request.access_key, "AttachPolicy", PolicyId=_FULL_ACCESS, TargetId=unit
            )
        elif request.operation == "CreateAccount":
            made = result.document()["CreateAccountStatus"]["AccountId"]
            self.context.memory.organizations[made] = request.access_key
            await self._make_access_role(made, request)
        return result

    async def _make_access_role(self, account: str, request: ApiRequest) -> None:
        """The role that a new account begins with, by which the management account gets in."""
        named = {"RoleName": str(request.parameters.get("RoleName") or _ACCESS_ROLE), "Version": "2010-05-08"}
        trusted = {"AWS": f"arn:aws:iam::{request.access_key}:root"}
        trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        for form in (
            {"Action": "CreateRole", "AssumeRolePolicyDocument": document},
            {"Action": "AttachRolePolicy", "PolicyArn": _ADMINISTRATOR},
        ):
            await self.context.emulator.query("iam", account, urlencode({**form, **named}))


def _denied() -> Answer:
    return refusal("AccessDeniedException", "You don't have permissions to access this resource.")
