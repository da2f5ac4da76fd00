"""Whoever calls is found by the access key, and only what the policies on all sides allow goes through."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aws_directly import Aws, Refused
from keywright._internal.sandbox import Sandbox
from real_callers import USE, Account, as_session, decrypt, element, encrypt, statements

NO_IDENTITY = "because no identity-based policy allows the kms:Encrypt action"
NO_RESOURCE = "because no resource-based policy allows the kms:Encrypt action"


def refusal(caller: Aws, key: str) -> str:
    with pytest.raises(Refused) as refused:
        encrypt(caller, key)
    assert refused.value.code == "AccessDeniedException"
    return str(refused.value)


def test_a_user_is_allowed_by_its_own_policy_where_the_key_leaves_it_to_the_account(home: Account) -> None:
    user = home.user("ann", USE)
    assert decrypt(user, encrypt(user, home.key())) == "aGVsbG8="


def test_a_user_without_a_policy_is_told_what_is_missing_in_the_words_of_aws(home: Account) -> None:
    key = home.key()
    assert refusal(home.user("bob"), key) == (
        f"AccessDeniedException: User: arn:aws:iam::{home.id}:user/bob is not authorized to perform: kms:Encrypt "
        f"on resource: {key} because no identity-based policy allows the kms:Encrypt action"
    )


def test_a_key_without_the_account_statement_cuts_iam_off(home: Account) -> None:
    role = home.role("app")
    key = home.key({"Effect": "Allow", "Principal": {"AWS": role}, "Action": "kms:*", "Resource": "*"})
    assert NO_RESOURCE in refusal(home.user("ann", USE), key)
    assert NO_RESOURCE in refusal(home.root, key)
    assert encrypt(home.session(role), key)


def test_a_policy_counts_from_the_next_call_on(home: Account) -> None:
    key = home.key()
    user = home.user("ann")
    assert NO_IDENTITY in refusal(user, key)
    home.root.iam("AttachUserPolicy", UserName="ann", PolicyArn=home.managed("use", USE))
    assert encrypt(user, key)
    home.root.iam("DetachUserPolicy", UserName="ann", PolicyArn=f"arn:aws:iam::{home.id}:policy/use")
    assert NO_IDENTITY in refusal(user, key)


def test_the_policies_of_a_user_s_groups_count(home: Account) -> None:
    key = home.key()
    user = home.user("ann")
    home.root.iam("CreateGroup", GroupName="users")
    home.root.iam("PutGroupPolicy", GroupName="users", PolicyName="use", PolicyDocument=statements(USE))
    home.root.iam("AddUserToGroup", GroupName="users", UserName="ann")
    assert encrypt(user, key)


def test_a_managed_policy_of_aws_counts(home: Account) -> None:
    key = home.key()
    user = home.user("ann")
    home.root.iam("AttachUserPolicy", UserName="ann", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    assert encrypt(user, key)


def test_an_explicit_deny_wins_and_says_where_it_stands(home: Account) -> None:
    deny = {"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"}
    user = home.user("ann", USE, deny)
    assert "with an explicit deny in an identity-based policy" in refusal(user, home.key())
    other = home.user("bob", USE)
    key = home.key(home.for_account(), {**deny, "Principal": {"AWS": f"arn:aws:iam::{home.id}:user/bob"}})
    assert "with an explicit deny in a resource-based policy" in refusal(other, key)


def test_a_boundary_limits_what_the_account_gives_and_not_what_the_key_policy_gives_a_user(home: Account) -> None:
    boundary = home.managed("boundary", {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    user = home.user("ann", USE)
    home.root.iam("PutUserPermissionsBoundary", UserName="ann", PermissionsBoundary=boundary)
    assert "because no permissions boundary allows the kms:Encrypt action" in refusal(user, home.key())
    named = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{home.id}:user/ann"}, "Action": "kms:*"}
    assert encrypt(user, home.key({**named, "Resource": "*"}))


def test_a_session_policy_limits_a_session(home: Account) -> None:
    key = home.key()
    role = home.role("app", USE)
    only = statements({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"})
    assert encrypt(home.session(role), key)
    limited = home.session(role, Policy=only)
    assert "because no session policy allows the kms:Encrypt action" in refusal(limited, key)
    by_arn = {"PolicyArns.member.1.arn": home.managed("use", USE)}
    assert encrypt(home.session(role, **by_arn), key)
    assert encrypt(home.session(role, Policy=only, **by_arn), key)


def test_session_tags_are_principal_tags_and_transitive_ones_go_on(home: Account) -> None:
    tagged = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    key = home.key(home.for_account() | {"Condition": tagged})
    role = home.role("app", USE, {"Effect": "Allow", "Action": "sts:*", "Resource": "*"})
    red = {"Tags.member.1.Key": "Team", "Tags.member.1.Value": "red"}
    assert NO_RESOURCE in refusal(home.session(role), key)
    assert encrypt(home.session(role, **red), key)
    onward = home.session(role, **red, **{"TransitiveTagKeys.member.1": "Team"})
    assert encrypt(home.session(role, by=onward), key)
    assert NO_RESOURCE in refusal(home.session(role, by=home.session(role, **red)), key)


def test_a_role_s_own_tags_and_path_are_seen(home: Account) -> None:
    role = home.role("app", USE)
    home.root.iam("TagRole", RoleName="app", **{"Tags.member.1.Key": "team", "Tags.member.1.Value": "red"})
    by_tag = home.key(home.for_account() | {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "red"}}})
    by_arn = home.key(home.for_account() | {"Condition": {"ArnEquals": {"aws:PrincipalArn": role}}})
    for key in (by_tag, by_arn):
        assert encrypt(home.session(role), key)
        assert NO_RESOURCE in refusal(home.user(f"u{key[-4:]}", USE), key)


def test_an_access_key_that_was_never_given_out_is_refused(enforcing: Sandbox) -> None:
    for unknown in ("AKIAIOSFODNN7EXAMPLE", "test"):
        with pytest.raises(Refused, match="The security token included in the request is invalid") as refused:
            Aws(enforcing.endpoint_url, unknown).kms("ListKeys")
        assert refused.value.code == "UnrecognizedClientException"


def test_a_deleted_or_inactive_access_key_and_a_session_without_its_token_are_refused(home: Account) -> None:
    user = home.user("ann", USE)
    home.root.iam("UpdateAccessKey", UserName="ann", AccessKeyId=user.account, Status="Inactive")
    session = home.session(home.role("app", USE))
    for caller in (user, replace(session, headers={})):
        with pytest.raises(Refused, match="UnrecognizedClientException"):
            caller.kms("ListKeys")


def test_a_request_signed_with_another_secret_is_refused(home: Account) -> None:
    user, session = home.user("ann", USE), home.session(home.role("app", USE))
    for caller in (user, session):
        with pytest.raises(Refused, match="request signature we calculated does not match") as refused:
            replace(caller, secret="other").kms("ListKeys")
        assert refused.value.code == "InvalidSignatureException"
        with pytest.raises(Refused, match="SignatureDoesNotMatch"):
            replace(caller, secret="").sts(
                "AssumeRole", RoleArn=f"arn:aws:iam::{home.id}:role/app", RoleSessionName="x"
            )


def test_everybody_is_told_who_they_are(home: Account) -> None:
    user, session = home.user("ann"), home.session(home.role("app"))
    assert element(user.sts("GetCallerIdentity"), "Arn") == f"arn:aws:iam::{home.id}:user/ann"
    assert element(session.sts("GetCallerIdentity"), "Arn") == f"arn:aws:sts::{home.id}:assumed-role/app/test"
    assert element(home.root.sts("GetCallerIdentity"), "Arn") == home.root_arn


def test_a_user_s_session_may_do_what_the_user_may_and_a_federated_user_what_its_policy_lets_through(
    home: Account,
) -> None:
    key = home.key()
    user = home.user("ann", USE)
    assert encrypt(as_session(user.sts("GetSessionToken"), home.endpoint), key)
    assert NO_IDENTITY.replace("identity-based", "session") in refusal(
        as_session(user.sts("GetFederationToken", Name="fed"), home.endpoint), key
    )
    allowed = user.sts("GetFederationToken", Name="fed", Policy=statements(USE))
    assert encrypt(as_session(allowed, home.endpoint), key)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [("CreateKey", {}), ("ListKeys", {}), ("ListAliases", {}), ("GenerateRandom", {"NumberOfBytes": 8})],
)
def test_calls_on_no_key_are_decided_by_identity_policies(
    operation: str, parameters: dict[str, int], home: Account
) -> None:
    allowed = home.user("ann", {"Effect": "Allow", "Action": f"kms:{operation}", "Resource": "*"})
    allowed.kms(operation, **parameters)
    with pytest.raises(Refused, match=rf"perform: kms:{operation} on resource: \* because no identity-based policy"):
        home.user("bob").kms(operation, **parameters)


def test_a_key_made_with_tags_needs_the_permission_to_tag(home: Account) -> None:
    creating = home.user("ann", {"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*"})
    with pytest.raises(Refused, match="kms:TagResource"):
        creating.kms("CreateKey", Tags=[{"TagKey": "a", "TagValue": "b"}])


def test_an_alias_needs_its_permission_on_the_alias_and_on_the_key(home: Account) -> None:
    key = home.key()
    place = f"arn:aws:kms:us-east-1:{home.id}:alias"
    naming = {"Effect": "Allow", "Action": "kms:*Alias", "Resource": f"{place}/app"}
    with pytest.raises(Refused, match=f"on resource: {key}"):
        home.user("ann", naming).kms("CreateAlias", AliasName="alias/app", TargetKeyId=key)
    both = home.user("bob", naming, {**naming, "Resource": key})
    both.kms("CreateAlias", AliasName="alias/app", TargetKeyId=key)
    with pytest.raises(Refused, match=f"on resource: {place}/other"):
        both.kms("CreateAlias", AliasName="alias/other", TargetKeyId=key)
    both.kms("DeleteAlias", AliasName="alias/app")


def test_a_key_policy_is_refused_that_its_caller_s_own_policies_would_not_let_change_again(home: Account) -> None:
    creating = {"Effect": "Allow", "Action": "kms:CreateKey", "Resource": "*"}
    text = statements(home.for_account())
    with pytest.raises(Refused, match="will not allow you to update the key policy in the future"):
        home.user("ann", creating).kms("CreateKey", Policy=text)
    home.user("bob", creating, {**creating, "Action": "kms:PutKeyPolicy"}).kms("CreateKey", Policy=text)
    home.user("eve", creating).kms("CreateKey", Policy=text, BypassPolicyLockoutSafetyCheck=True)


def test_a_role_made_again_does_not_get_its_access_back(home: Account) -> None:
    role = home.role("app")
    key = home.key({"Effect": "Allow", "Principal": {"AWS": role}, "Action": "kms:*", "Resource": "*"})
    assert encrypt(home.session(role), key)
    home.root.iam("DeleteRole", RoleName="app")
    assert NO_RESOURCE in refusal(home.session(home.role("app")), key)
