"""Reading an organization: its units, accounts, and which policies are attached where.

Units and policies are asked once each, not accounts: AWS Organizations answers few calls a second.

See https://docs.aws.amazon.com/organizations/latest/APIReference/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.aws.errors import AwsError

if TYPE_CHECKING:
    from keywright._internal.aws.calling import Channel

POLICY_TYPES: Final = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
_NO_ORGANIZATION: Final = "AWSOrganizationsNotInUseException"


def read_organization(client: Any, channel: Channel) -> Mapping[str, Any] | None:
    """The answers of AWS Organizations in one document, as `estate.iam_import.organization_of` reads it.

    Raises:
        AwsError: where one of the calls fails, for a member account as well.
    """
    reading = _Reading(client, channel)
    try:
        organization = reading.one("DescribeOrganization", client.describe_organization, "Organization")
    except AwsError as error:
        if error.code == _NO_ORGANIZATION:
            return None
        raise
    roots = list(reading.all("ListRoots", client.list_roots, "Roots"))
    units: list[dict[str, Any]] = []
    accounts: list[dict[str, Any]] = []
    waiting = [root["Id"] for root in roots]
    while waiting:
        parent = waiting.pop()
        for unit in reading.units(parent):
            units.append({**unit, "ParentId": parent})
            waiting.append(unit["Id"])
        accounts += [{**account, "ParentId": parent} for account in reading.accounts(parent)]
    enabled = {
        item["Type"] for root in roots for item in root.get("PolicyTypes", ()) if item.get("Status") == "ENABLED"
    }
    policies = [policy for kind in POLICY_TYPES if kind in enabled for policy in reading.policies(kind)]
    return {
        "Organization": organization,
        "Roots": roots,
        "OrganizationalUnits": units,
        "Accounts": accounts,
        "Policies": policies,
    }


def accounts_below(client: Any, channel: Channel, unit: str) -> Iterator[dict[str, Any]]:
    """The accounts of an organizational unit or a root, and of every unit below it."""
    reading = _Reading(client, channel)
    waiting = [unit]
    while waiting:
        parent = waiting.pop()
        yield from reading.accounts(parent)
        waiting += [item["Id"] for item in reading.units(parent)]


def tags_of_account(client: Any, channel: Channel, account: str) -> dict[str, str]:
    """The tags of an account."""
    listed = _Reading(client, channel).all(
        "ListTagsForResource", client.list_tags_for_resource, "Tags", ResourceId=account
    )
    return {item["Key"]: item["Value"] for item in listed}


class _Reading:
    def __init__(self, client: Any, channel: Channel) -> None:
        self._client = client
        self._channel = channel

    def one(self, operation: str, send: Callable[..., Any], member: str, **given: str) -> dict[str, Any]:
        """What one call answers."""
        return self._channel.call(self._client, operation, lambda: send(**given), lambda answer: dict(answer[member]))

    def all(self, operation: str, send: Callable[..., Any], member: str, **given: str) -> Iterator[dict[str, Any]]:
        """All pages of a listing."""
        more: dict[str, str] = {}
        while True:
            page, token = self._channel.call(
                self._client,
                operation,
                lambda: send(**given, **more),  # noqa: B023 - sent before the loop goes on
                lambda answer: ([dict(item) for item in answer[member]], answer.get("NextToken")),
            )
            yield from page
            if not token:
                return
            more = {"NextToken": token}

    def units(self, parent: str) -> Iterator[dict[str, Any]]:
        """The units just below a unit or a root."""
        send = self._client.list_organizational_units_for_parent
        return self.all("ListOrganizationalUnitsForParent", send, "OrganizationalUnits", ParentId=parent)

    def accounts(self, parent: str) -> Iterator[dict[str, Any]]:
        """The accounts just below a unit or a root."""
        send = self._client.list_accounts_for_parent
        return self.all("ListAccountsForParent", send, "Accounts", ParentId=parent)

    def policies(self, kind: str) -> Iterator[dict[str, Any]]:
        """The policies of a type, each with its content and its targets."""
        client = self._client
        for summary in self.all("ListPolicies", client.list_policies, "Policies", Filter=kind):
            policy = self.one("DescribePolicy", client.describe_policy, "Policy", PolicyId=summary["Id"])
            targets = self.all(
                "ListTargetsForPolicy", client.list_targets_for_policy, "Targets", PolicyId=summary["Id"]
            )
            yield {**policy, "Targets": list(targets)}
