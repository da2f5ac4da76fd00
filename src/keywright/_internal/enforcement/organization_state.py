"""The sandbox's organizations, each read when it is first asked about and again after a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keywright._internal.enforcement.until_changed import UntilChanged
from keywright._internal.estate.iam import Organization
from keywright._internal.estate.iam_import import organization_of
from keywright._internal.sandbox.wire import Emulator

_POLICY_TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")


@dataclass(slots=True)
class OrganizationState:
    """Organizations by the accounts that are in them.

    Args:
        emulator: the emulator to ask.
        management: the management account of each account that is in an organization.
    """

    emulator: Emulator
    management: Mapping[str, str]
    _known: UntilChanged[Organization] = field(default_factory=UntilChanged)

    async def of(self, account: str | None) -> Organization | None:
        """The organization that an account is in, if any."""
        management = self.management.get(account or "")
        if management is None:
            return None
        return await self._known.get(management, "organization", lambda: self._read(management))

    def forget(self) -> None:
        """What was read may be out of date."""
        self._known.forget(None)

    async def _read(self, management: str) -> Organization:
        return organization_of(await self._document(management))

    async def _document(self, management: str) -> dict[str, Any]:
        """What AWS Organizations answers, in one document."""

        async def ask(operation: str, member: str, **parameters: Any) -> Any:
            return (await self.emulator.organizations(management, operation, **parameters)).document()[member]

        roots = await ask("ListRoots", "Roots")
        units: list[dict[str, Any]] = []
        accounts: list[dict[str, Any]] = []
        waiting = [root["Id"] for root in roots]
        while waiting:
            parent = waiting.pop()
            below = await ask("ListOrganizationalUnitsForParent", "OrganizationalUnits", ParentId=parent)
            waiting += [unit["Id"] for unit in below]
            units += [{**unit, "ParentId": parent} for unit in below]
            found = await ask("ListAccountsForParent", "Accounts", ParentId=parent)
            accounts += [{**item, "ParentId": parent} for item in found]
        policies: list[dict[str, Any]] = []
        for kind in sorted({item["Type"] for root in roots for item in root["PolicyTypes"]} & set(_POLICY_TYPES)):
            for summary in await ask("ListPolicies", "Policies", Filter=kind):
                targets = await ask("ListTargetsForPolicy", "Targets", PolicyId=summary["Id"])
                policies.append({**await ask("DescribePolicy", "Policy", PolicyId=summary["Id"]), "Targets": targets})
        return {
            "Organization": await ask("DescribeOrganization", "Organization"),
            "Roots": roots,
            "OrganizationalUnits": units,
            "Accounts": accounts,
            "Policies": policies,
        }
