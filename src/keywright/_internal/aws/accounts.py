"""Reading what an account as a whole has: the Regions it uses, its roles and users, its organization's accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from keywright._internal.aws.organizations import accounts_below, read_organization, tags_of_account
from keywright._internal.aws.results import MemberAccount

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keywright._internal.aws.calling import Channel

_NAMES_PER_PAGE = 1000
"""IAM's largest page."""


class AccountReading:
    """The calls that aren't about one Region's keys.

    Args:
        channel: sends the calls of a client.
        client: gets the client of a service.
    """

    def __init__(
        self,
        channel: Callable[[Any], Channel],
        client: Callable[[Literal["ec2", "iam", "organizations"]], Any],
    ) -> None:
        self._channel = channel
        self._client = client

    def regions(self) -> tuple[str, ...]:
        """The Regions that are enabled for the account, in alphabetical order. One call.

        https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html
        """
        client = self._client("ec2")
        found = self._channel(client).call(
            client,
            "DescribeRegions",
            client.describe_regions,
            lambda answer: [
                str(item["RegionName"]) for item in answer["Regions"] if item.get("OptInStatus") != "not-opted-in"
            ],
        )
        return tuple(sorted(found))

    def identities(self) -> frozenset[str]:
        """The ARNs of all roles and users of the account: a call a thousand of them."""
        client = self._client("iam")
        roles = self._names(client, "ListRoles", client.list_roles, "Roles")
        return frozenset((*roles, *self._names(client, "ListUsers", client.list_users, "Users")))

    def _names(self, client: Any, operation: str, send: Callable[..., Any], member: str) -> list[str]:
        found: list[str] = []
        more: dict[str, str] = {}
        while True:
            page, marker = self._channel(client).call(
                client,
                operation,
                lambda: send(MaxItems=_NAMES_PER_PAGE, **more),  # noqa: B023 - sent before the loop goes on
                lambda answer: (
                    [str(item["Arn"]) for item in answer[member]],
                    answer["Marker"] if answer.get("IsTruncated") else None,
                ),
            )
            found += page
            if marker is None:
                return found
            more = {"Marker": marker}

    def authorization_details(self) -> tuple[Mapping[str, Any], ...]:
        """Everything that IAM says of the account's roles, users and groups, as AWS has it: a call a thousand of them.

        https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
        """
        client = self._client("iam")
        pages: list[Mapping[str, Any]] = []
        more: dict[str, str] = {}
        while True:
            page = self._channel(client).call(
                client,
                "GetAccountAuthorizationDetails",
                lambda: client.get_account_authorization_details(MaxItems=_NAMES_PER_PAGE, **more),  # noqa: B023 - sent before the loop goes on
                dict,
            )
            pages.append(page)
            if not page.get("IsTruncated"):
                return tuple(pages)
            more = {"Marker": page["Marker"]}

    def organization(self) -> Mapping[str, Any] | None:
        """The organization with its units, accounts and policies, joined as AWS has them; None where there is none.

        Asked of its management account or a delegated administrator.
        """
        client = self._client("organizations")
        return read_organization(client, self._channel(client))

    def unit_accounts(self, unit: str) -> tuple[MemberAccount, ...]:
        """The accounts of an organizational unit, or of a root, and of every unit below it. Two calls a unit."""
        client = self._client("organizations")
        return tuple(map(_member, accounts_below(client, self._channel(client), unit)))

    def account_tags(self, account: str) -> Mapping[str, str]:
        """The tags of an account of the organization. One call.

        https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTagsForResource.html
        """
        client = self._client("organizations")
        return tags_of_account(client, self._channel(client), account)

    def organization_accounts(self) -> tuple[MemberAccount, ...]:
        """Every account of the caller's organization; asked of its management account or a delegated administrator.

        https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
        """
        client = self._client("organizations")
        found: list[MemberAccount] = []
        more: dict[str, str] = {}
        while True:
            page, token = self._channel(client).call(
                client,
                "ListAccounts",
                lambda: client.list_accounts(**more),  # noqa: B023 - sent before the loop goes on
                lambda answer: (
                    [_member(item) for item in answer["Accounts"]],
                    answer.get("NextToken"),
                ),
            )
            found += page
            if not token:
                return tuple(sorted(found, key=lambda item: item.account))
            more = {"NextToken": token}


def _member(item: Mapping[str, Any]) -> MemberAccount:
    return MemberAccount(item["Id"], item.get("Name", ""), item.get("State") or item.get("Status", ""))
