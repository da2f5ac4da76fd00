"""Grants work at once with their token, without any IAM policy, within their constraints."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aws_directly import Refused
from keywright._internal.sandbox import Sandbox
from real_callers import USE, Account, decrypt, encrypt

PURPOSE = {"purpose": "test"}


@pytest.fixture(scope="session")
def lagging() -> Iterator[Sandbox]:
    with Sandbox(enforce=True, grant_lag=600) as running:
        yield running


def test_a_grant_lets_its_grantee_in_without_any_iam_policy_and_no_longer_once_it_is_revoked(home: Account) -> None:
    key, user, other = home.key(), home.user("ann"), home.user("bob")
    arn = f"arn:aws:iam::{home.id}:user/ann"
    made = home.root.kms("CreateGrant", KeyId=key, GranteePrincipal=arn, Operations=["Encrypt"])
    assert encrypt(user, key)
    with pytest.raises(Refused, match="no identity-based policy allows the kms:Encrypt"):
        encrypt(other, key)
    with pytest.raises(Refused, match="kms:Decrypt"):
        decrypt(user, encrypt(user, key))
    home.root.kms("RevokeGrant", KeyId=key, GrantId=made["GrantId"])
    with pytest.raises(Refused):
        encrypt(user, key)


def test_a_grant_works_at_once_with_its_token_and_without_it_only_after_the_lag(lagging: Sandbox, account: str) -> None:
    home = Account(lagging.endpoint_url, account)
    key, user = home.key(), home.user("ann")
    arn = f"arn:aws:iam::{home.id}:user/ann"
    made = home.root.kms("CreateGrant", KeyId=key, GranteePrincipal=arn, Operations=["Encrypt"])
    assert encrypt(user, key, GrantTokens=[made["GrantToken"]])
    with pytest.raises(Refused, match="AccessDeniedException"):
        encrypt(user, key)


def test_an_explicit_deny_beats_a_grant(home: Account) -> None:
    key, user = home.key(), home.user("ann", {"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"})
    arn = f"arn:aws:iam::{home.id}:user/ann"
    home.root.kms("CreateGrant", KeyId=key, GranteePrincipal=arn, Operations=["Encrypt"])
    with pytest.raises(Refused, match="with an explicit deny in an identity-based policy"):
        encrypt(user, key)


def test_a_constraint_holds_a_grant_to_an_encryption_context(home: Account) -> None:
    key, user = home.key(), home.user("ann")
    home.root.kms(
        "CreateGrant",
        KeyId=key,
        GranteePrincipal=f"arn:aws:iam::{home.id}:user/ann",
        Operations=["Encrypt"],
        Constraints={"EncryptionContextSubset": PURPOSE},
    )
    assert encrypt(user, key, EncryptionContext={**PURPOSE, "more": "x"})
    for wrong in ({}, {"purpose": "Test"}, {"Purpose": "test"}):
        with pytest.raises(Refused, match="AccessDeniedException"):
            encrypt(user, key, EncryptionContext=wrong)


def test_a_grant_of_create_grant_passes_on_its_own_operations_alone(home: Account) -> None:
    key, user = home.key(), home.user("ann")
    arn = f"arn:aws:iam::{home.id}:user/ann"
    home.root.kms("CreateGrant", KeyId=key, GranteePrincipal=arn, Operations=["CreateGrant", "Encrypt"])
    user.kms("CreateGrant", KeyId=key, GranteePrincipal=home.root_arn, Operations=["Encrypt"])
    with pytest.raises(Refused, match="kms:CreateGrant"):
        user.kms("CreateGrant", KeyId=key, GranteePrincipal=home.root_arn, Operations=["Decrypt"])


def test_the_retiring_principal_retires_a_grant_and_nobody_else(home: Account) -> None:
    key, user = home.key(), home.user("ann")
    other = home.user("bob", {"Effect": "Allow", "Action": "kms:*", "Resource": "*"})
    cleaner = home.user("eve")
    made = home.root.kms(
        "CreateGrant",
        KeyId=key,
        GranteePrincipal=f"arn:aws:iam::{home.id}:user/ann",
        RetiringPrincipal=f"arn:aws:iam::{home.id}:user/eve",
        Operations=["Encrypt"],
    )
    with pytest.raises(Refused, match="kms:RetireGrant"):
        user.kms("RetireGrant", GrantToken=made["GrantToken"])
    cleaner.kms("RetireGrant", GrantToken=made["GrantToken"])
    with pytest.raises(Refused):
        encrypt(user, key)
    again = home.root.kms(
        "CreateGrant",
        KeyId=key,
        GranteePrincipal=f"arn:aws:iam::{home.id}:user/ann",
        Operations=["Encrypt", "RetireGrant"],
    )
    user.kms("RetireGrant", KeyId=key, GrantId=again["GrantId"])
    assert other.kms("ListGrants", KeyId=key)["Grants"] == []


@pytest.mark.parametrize("operations", [["Decrypt"], ["Encrypt", "Decrypt"]])
def test_who_may_make_grants_of_which_operations_is_decided_by_condition_keys(
    operations: list[str], home: Account
) -> None:
    only = {"ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]}}
    granting = {"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": "*", "Condition": only}
    user = home.user("ann", USE, granting)
    key, asked = home.key(), {"GranteePrincipal": home.root_arn, "Operations": operations}
    if operations == ["Decrypt"]:
        user.kms("CreateGrant", KeyId=key, **asked)
    else:
        with pytest.raises(Refused, match="kms:CreateGrant"):
            user.kms("CreateGrant", KeyId=key, **asked)
