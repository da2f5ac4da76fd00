"""AssumeRole keeps to the role's trust policy and to the caller's own policies."""

from __future__ import annotations

from typing import Any

import pytest

from aws_directly import Refused
from keywright._internal.sandbox import Sandbox
from real_callers import Account, element, with_headers

ASSUMING = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}


def trust(*, action: Any = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, **more}


def test_a_user_whom_the_trust_policy_names_needs_no_policy_and_one_of_the_account_does(home: Account) -> None:
    ann, bob, eve = home.user("ann"), home.user("bob", ASSUMING), home.user("eve")
    named = home.role("named", trust=trust(Principal={"AWS": f"arn:aws:iam::{home.id}:user/ann"}))
    of_account = home.role("of-account")
    home.session(named, by=ann)
    home.session(of_account, by=bob)
    for caller, role in ((bob, named), (eve, named), (eve, of_account), (ann, of_account)):
        with pytest.raises(Refused, match=f"not authorized to perform: sts:AssumeRole on resource: {role}") as refused:
            home.session(role, by=caller)
        assert refused.value.code == "AccessDenied"


def test_another_account_needs_both_sides(enforcing: Sandbox, home: Account) -> None:
    other = Account(enforcing.endpoint_url, f"7{home.id[1:]}")
    role = home.role("app", trust=trust(Principal={"AWS": other.root_arn}))
    session = home.session(role, by=other.user("ann", ASSUMING))
    assert element(session.sts("GetCallerIdentity"), "Account") == home.id
    for caller in (other.user("bob"), home.user("eve", ASSUMING)):
        with pytest.raises(Refused, match="sts:AssumeRole"):
            home.session(role, by=caller)


def test_an_external_id_is_asked_for(home: Account) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "42"}}
    role = home.role("app", trust=trust(Principal={"AWS": home.root_arn}, Condition=condition))
    home.session(role, ExternalId="42")
    with pytest.raises(Refused, match="sts:AssumeRole"):
        home.session(role)


def test_session_tags_need_their_own_permission(home: Account) -> None:
    role = home.role("app", trust=trust(Principal={"AWS": home.root_arn}))
    home.session(role)
    with pytest.raises(Refused, match="sts:TagSession"):
        home.session(role, **{"Tags.member.1.Key": "a", "Tags.member.1.Value": "b"})


def test_a_role_for_a_service_is_assumed_by_that_service(home: Account) -> None:
    role = home.role("function", trust=trust(Principal={"Service": "lambda.amazonaws.com"}))
    with pytest.raises(Refused, match="sts:AssumeRole"):
        home.session(role)
    home.session(role, by=with_headers(home.root, Service_Principal="lambda.amazonaws.com"))


def test_a_role_that_is_not_there_and_one_that_trusts_nobody_are_refused_alike(home: Account) -> None:
    nobody = home.role("nobody", trust=trust(Principal={"AWS": home.root_arn}) | {"Effect": "Deny"})
    for role in (nobody, f"{nobody}-else"):
        with pytest.raises(Refused, match=f"sts:AssumeRole on resource: {role}"):
            home.session(role)
