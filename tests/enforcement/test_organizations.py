"""Policies of an organization, and requests from one account on the keys of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from aws_directly import Aws, Refused
from keywright._internal.sandbox import Sandbox
from real_callers import USE, Account, as_session, decrypt, element, encrypt, statements, with_headers

SCP = "SERVICE_CONTROL_POLICY"
RCP = "RESOURCE_CONTROL_POLICY"
NO_ENCRYPT = {"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"}
HIDDEN = (
    "on this resource because the resource does not exist in this Region, no resource-based policies allow access, "
    "or a resource-based policy explicitly denies access"
)


@dataclass(frozen=True, slots=True)
class Company:
    """An organization: its management account, a unit, and an account in the unit."""

    management: Account
    member: Account
    id: str
    root: str
    unit: str

    def attach(self, kind: str, target: str, *items: Mapping[str, Any]) -> str:
        """Put a policy into force somewhere; its ID."""
        asking = self.management.root
        policy = asking.organizations(
            "CreatePolicy", Content=statements(*items), Description="", Name=f"p{kind}{target}", Type=kind
        )
        named: str = policy["Policy"]["PolicySummary"]["Id"]
        asking.organizations("AttachPolicy", PolicyId=named, TargetId=target)
        return named


@pytest.fixture
def company(enforcing: Sandbox, account: str) -> Company:
    management = Account(enforcing.endpoint_url, account)
    asking = management.root
    made = asking.organizations("CreateOrganization", FeatureSet="ALL")["Organization"]["Id"]
    (root,) = asking.organizations("ListRoots")["Roots"]
    asking.organizations("EnablePolicyType", RootId=root["Id"], PolicyType=RCP)
    unit = asking.organizations("CreateOrganizationalUnit", ParentId=root["Id"], Name="apps")["OrganizationalUnit"]
    status = asking.organizations("CreateAccount", Email="a@example.com", AccountName="app")["CreateAccountStatus"]
    member = status["AccountId"]
    moving = {"AccountId": member, "SourceParentId": root["Id"], "DestinationParentId": unit["Id"]}
    asking.organizations("MoveAccount", **moving)
    return Company(management, Account(enforcing.endpoint_url, member), made, root["Id"], unit["Id"])


def refusal(caller: Aws, key: str, **parameters: Any) -> str:
    with pytest.raises(Refused) as refused:
        encrypt(caller, key, **parameters)
    assert refused.value.code == "AccessDeniedException"
    return str(refused.value)


@pytest.mark.parametrize("place", ["root", "unit", "account"])
def test_an_scp_binds_members_and_their_root_users_and_is_inherited(place: str, company: Company) -> None:
    key, user = company.member.key(), company.member.user("ann", USE)
    assert encrypt(user, key)
    target = {"root": company.root, "unit": company.unit, "account": company.member.id}[place]
    company.attach(SCP, target, NO_ENCRYPT)
    for caller in (user, company.member.root):
        assert "with an explicit deny in a service control policy" in refusal(caller, key)


def test_each_level_must_allow(company: Company) -> None:
    key, user = company.member.key(), company.member.user("ann", USE)
    company.attach(SCP, company.unit, {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    assert encrypt(user, key)
    asking = company.management.root
    asking.organizations("DetachPolicy", PolicyId="p-FullAWSAccess", TargetId=company.unit)
    assert "because no service control policy allows the kms:Encrypt action" in refusal(user, key)


def test_an_scp_binds_neither_the_management_account_nor_service_linked_roles(company: Company) -> None:
    company.attach(SCP, company.root, NO_ENCRYPT)
    assert encrypt(company.management.user("ann", USE), company.management.key())
    member = company.member
    linked = element(member.root.iam("CreateServiceLinkedRole", AWSServiceName="autoscaling.amazonaws.com"), "Arn")
    key = member.key({"Effect": "Allow", "Principal": {"AWS": linked}, "Action": "kms:*", "Resource": "*"})
    service = with_headers(member.root, Service_Principal="autoscaling.amazonaws.com")
    answer = service.sts("AssumeRole", RoleArn=linked, RoleSessionName="asg")
    assert encrypt(as_session(answer, member.endpoint), key)
    ordinary = member.session(member.role("app", USE))
    assert "explicit deny in a service control policy" in refusal(ordinary, member.key())


def test_an_rcp_binds_callers_of_every_account_on_the_members_keys_alone(company: Company) -> None:
    stranger = Account(company.member.endpoint, "999988887777")
    open_to_all = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    key, of_management = company.member.key(open_to_all), company.management.key(open_to_all)
    callers = [company.member.user("ann", USE), stranger.user("zed", USE), company.management.user("max", USE)]
    outside = {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": company.id}}
    company.attach(RCP, company.root, {**NO_ENCRYPT, "Principal": "*", "Condition": outside})
    assert encrypt(callers[0], key)
    assert encrypt(callers[2], key)
    assert HIDDEN in refusal(callers[1], key)
    assert encrypt(callers[1], of_management)
    company.attach(RCP, company.unit, {**NO_ENCRYPT, "Principal": "*"})
    assert "with an explicit deny in a resource control policy" in refusal(callers[0], key)


def test_an_rcp_binds_who_assumes_the_members_roles_but_not_the_service_of_a_linked_one(company: Company) -> None:
    member = company.member
    role = member.role("app")
    linked = element(member.root.iam("CreateServiceLinkedRole", AWSServiceName="autoscaling.amazonaws.com"), "Arn")
    member.session(role)
    denial = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Resource": "*"}
    company.attach(RCP, company.unit, {**denial, "Condition": {"StringEquals": {"aws:ResourceOrgID": company.id}}})
    with pytest.raises(Refused, match="sts:AssumeRole"):
        member.session(role)
    service = with_headers(member.root, Service_Principal="autoscaling.amazonaws.com")
    member.session(linked, by=service)
    company.management.session(company.management.role("app"))


def test_org_id_and_paths_are_known_of_members_and_of_nobody_else(company: Company) -> None:
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    by_id = {"StringEquals": {"aws:PrincipalOrgID": company.id}}
    path = f"{company.id}/{company.root}/{company.unit}/"
    by_path = {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": f"{path}*"}}
    key, in_unit = (company.management.key({**everybody, "Condition": condition}) for condition in (by_id, by_path))
    member, management = company.member.user("ann", USE), company.management.user("bob")
    stranger = Account(company.member.endpoint, "999988887776").user("zed", USE)
    assert encrypt(member, key)
    assert encrypt(member, in_unit)
    assert encrypt(management, key)
    assert "no resource-based policy" in refusal(management, in_unit)
    assert HIDDEN in refusal(stranger, key)


def test_another_account_needs_both_sides(enforcing: Sandbox, home: Account) -> None:
    other = Account(enforcing.endpoint_url, f"9{home.id[1:]}")
    shared = {**home.for_account(), "Principal": {"AWS": [home.root_arn, other.root_arn]}}
    key, private = home.key(shared), home.key()
    with_policy, without = other.user("ann", USE), other.user("bob")
    blob = encrypt(with_policy, key)
    assert decrypt(with_policy, blob) == "aGVsbG8="
    assert "on resource" in refusal(without, key)
    assert "because no identity-based policy allows the kms:Encrypt action" in refusal(without, key)
    assert HIDDEN in refusal(with_policy, private)
    assert HIDDEN in refusal(with_policy, private.replace("key/", "key/0"))
    with pytest.raises(Refused, match="on the resource associated with this ciphertext because the resource does not"):
        decrypt(with_policy, encrypt(home.root, private))
    with pytest.raises(Refused, match="AccessDenied"):
        other.root.kms("PutKeyPolicy", KeyId=key, PolicyName="default", Policy=statements(shared))


def test_a_grant_made_from_another_account_says_which(enforcing: Sandbox, home: Account) -> None:
    other = Account(enforcing.endpoint_url, f"8{home.id[1:]}")
    shared = {**home.for_account(), "Principal": {"AWS": [home.root_arn, other.root_arn]}}
    key = home.key(shared)
    user = other.user("ann", USE, {"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": key})
    user.kms("CreateGrant", KeyId=key, GranteePrincipal=other.root_arn, Operations=["Encrypt"])
    (grant,) = home.root.kms("ListGrants", KeyId=key)["Grants"]
    assert grant["IssuingAccount"] == other.root_arn


def test_members_may_ask_which_organization_they_are_in_and_no_more(company: Company, home: Account) -> None:
    asking = company.member.root
    assert asking.organizations("DescribeOrganization")["Organization"]["Id"] == company.id
    with pytest.raises(Refused, match="AccessDeniedException"):
        asking.organizations("ListRoots")
    with pytest.raises(Refused, match="AWSOrganizationsNotInUseException"):
        Account(home.endpoint, "123451234512").root.organizations("DescribeOrganization")
    with pytest.raises(Refused, match="AlreadyInOrganizationException"):
        company.management.root.organizations("CreateOrganization")
