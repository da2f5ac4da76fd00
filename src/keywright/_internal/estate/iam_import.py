"""From AWS's own JSON to principals and an organization: what GetAccountAuthorizationDetails and Organizations answer.

The documents are those that boto3 and the AWS CLI give, so that what other tools collected can be taken up.

See https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from keywright._internal.estate.encoding import what_is_wrong
from keywright._internal.estate.iam import IamPrincipal, NamedPolicy, Organization, OrganizationAccount
from keywright.errors import InputError

_SERVICE_CONTROL = "SERVICE_CONTROL_POLICY"
_RESOURCE_CONTROL = "RESOURCE_CONTROL_POLICY"


def principals_of(pages: Sequence[Mapping[str, Any]]) -> tuple[IamPrincipal, ...]:
    """The roles and users of the pages of one answer of GetAccountAuthorizationDetails, with all their policies.

    Raises:
        InputError: the documents aren't such an answer.
    """
    try:
        return _Details(pages).principals()
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        message = f"this is no answer of GetAccountAuthorizationDetails: {what_is_wrong(error)}"
        raise InputError(message, "give what `aws iam get-account-authorization-details` prints") from error


class _Details:
    def __init__(self, pages: Sequence[Mapping[str, Any]]) -> None:
        if not pages or not any({"RoleDetailList", "UserDetailList"} & page.keys() for page in pages):
            raise ValueError("it lists no roles and no users")
        if pages[-1].get("IsTruncated"):
            raise ValueError("its last page says that there are more")
        self._roles = _joined(pages, "RoleDetailList")
        self._users = _joined(pages, "UserDetailList")
        self._groups = {item["GroupName"]: item for item in _joined(pages, "GroupDetailList")}
        self._managed = {item["Arn"]: _managed(item) for item in _joined(pages, "Policies")}

    def principals(self) -> tuple[IamPrincipal, ...]:
        roles = [self._principal("role", item) for item in self._roles]
        users = [self._principal("user", item) for item in self._users]
        return (*roles, *users)

    def _principal(self, kind: str, item: Mapping[str, Any]) -> IamPrincipal:
        arn = item["Arn"]
        is_role = kind == "role"
        missing: list[str] = []
        policies = [*self._policies(item, "RolePolicyList" if is_role else "UserPolicyList", missing)]
        for name in () if is_role else item.get("GroupList", ()):
            if name in self._groups:
                found = self._policies(self._groups[name], "GroupPolicyList", missing)
                policies += [NamedPolicy(f"{policy.name} (group {name})", policy.text, policy.arn) for policy in found]
            else:
                missing.append(f"group {name}")
        trust = item.get("AssumeRolePolicyDocument")
        used = (item.get("RoleLastUsed") or {}).get("LastUsedDate")
        return IamPrincipal(
            arn=arn,
            kind="role" if is_role else "user",
            account=arn.split(":")[4],
            unique_id=item.get("RoleId" if is_role else "UserId", ""),
            policies=tuple(policies),
            boundary=self._boundary(item, missing),
            tags={tag["Key"]: tag["Value"] for tag in item.get("Tags", ())},
            trust=None if trust is None else _text(trust),
            last_used=used.isoformat() if isinstance(used, datetime) else used,
            missing=f"not read: {', '.join(missing)}" if missing else "",
        )

    def _policies(self, item: Mapping[str, Any], inline: str, missing: list[str]) -> Iterator[NamedPolicy]:
        for policy in item.get(inline, ()):
            yield NamedPolicy(policy["PolicyName"], _text(policy["PolicyDocument"]))
        for attached in item.get("AttachedManagedPolicies", ()):
            found = self._find(attached["PolicyArn"], missing)
            if found is not None:
                yield found

    def _boundary(self, item: Mapping[str, Any], missing: list[str]) -> NamedPolicy | None:
        boundary = item.get("PermissionsBoundary")
        if boundary is None:
            return None
        return self._find(boundary["PermissionsBoundaryArn"], missing)

    def _find(self, policy: str, missing: list[str]) -> NamedPolicy | None:
        found = self._managed.get(policy)
        if found is None:
            missing.append(f"policy {policy}")
        return found


def organization_of(document: Mapping[str, Any]) -> Organization:
    """The organization of a document that joins the answers of AWS Organizations.

    `Organization` is DescribeOrganization's; `Roots`, `OrganizationalUnits` and `Accounts` are lists as AWS has them,
    each unit and account with a `ParentId`; each of `Policies` has its `PolicySummary` and `Content` as DescribePolicy
    shows them and the `Targets` of ListTargetsForPolicy.

    Raises:
        InputError: the document isn't one.
    """
    try:
        return _organization(document)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        message = f"this is no organization: {what_is_wrong(error)}"
        raise InputError(message, "docs/access.md shows the document") from error


def _organization(document: Mapping[str, Any]) -> Organization:
    organization = document["Organization"]
    parents: dict[str, str] = {
        item["Id"]: item["ParentId"] for item in (*document.get("OrganizationalUnits", ()), *document["Accounts"])
    }
    attached: dict[tuple[str, str], list[NamedPolicy]] = {}
    for policy in document.get("Policies", ()):
        summary = policy["PolicySummary"]
        named = NamedPolicy(summary.get("Name") or summary["Id"], _text(policy["Content"]))
        for target in policy["Targets"]:
            attached.setdefault((summary["Type"], target["TargetId"]), []).append(named)
    enabled = {kind for kind, _ in attached}
    accounts: dict[str, OrganizationAccount] = {}
    for item in document["Accounts"]:
        chain = list(_up(item["Id"], parents))
        levels = [tuple(attached.get((_SERVICE_CONTROL, at), ())) for at in chain]
        accounts[item["Id"]] = OrganizationAccount(
            item["Id"],
            item.get("Name", ""),
            f"{organization['Id']}/{'/'.join(chain[:-1])}/",
            tuple(levels) if _SERVICE_CONTROL in enabled else (),
            tuple(policy for at in chain for policy in attached.get((_RESOURCE_CONTROL, at), ())),
        )
    management = organization.get("MasterAccountId") or organization["ManagementAccountId"]
    return Organization(organization["Id"], management, accounts)


def _up(account: str, parents: Mapping[str, str]) -> Iterator[str]:
    """From the root down to the account."""
    chain = [account]
    while chain[-1] in parents:
        chain.append(parents[chain[-1]])
        if len(chain) > len(parents) + 1:
            raise ValueError("the units are in a circle")
    yield from reversed(chain)


def _joined(pages: Iterable[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    return [item for page in pages for item in page.get(name, ())]


def _managed(item: Mapping[str, Any]) -> NamedPolicy:
    current = next(version for version in item["PolicyVersionList"] if version["IsDefaultVersion"])
    return NamedPolicy(item.get("PolicyName") or item["Arn"], _text(current["Document"]), item["Arn"])


def _text(document: Any) -> str:
    """A policy's text; IAM's own answers have it percent-encoded, boto3 and the AWS CLI decoded."""
    if not isinstance(document, str):
        return json.dumps(document)
    return document if document.lstrip().startswith("{") else unquote(document)
