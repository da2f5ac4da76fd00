"""What other tools miss: each rule of AWS that decides who has access, in a small organisation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from small_estate import (
    ADMIN,
    ANN,
    APP,
    EXT,
    FULL,
    KEY,
    LINKED,
    MANAGEMENT,
    OPS,
    OUTSIDE,
    ROOT,
    USE,
    A,
    B,
    access,
    answer,
    estate,
    named,
    policy,
    principal,
    statement,
)

from keywright._internal.access.snapshot import AccessSnapshot

DECRYPT = policy(statement("kms:Decrypt"))
DENY = statement("kms:Decrypt", effect="Deny")
DELEGATING = policy(statement(principal=ROOT))


# --- Layers ---


def test_a_key_policy_without_the_account_cuts_iam_off() -> None:
    assert access(estate(policy(named(APP)), principal(APP), principal(OPS, FULL))) == {APP: "yes"}


def test_the_account_statement_gives_access_to_whom_iam_gives_it_and_to_the_root_user() -> None:
    found = answer(estate(DELEGATING, principal(APP), principal(OPS, DECRYPT)))
    assert [row["principal"] for row in found["rows"]] == [OPS, f"arn:aws:iam::{A}:root"]


def test_a_service_control_policy_of_any_level_takes_access_away() -> None:
    for scps in (((FULL, policy(DENY)),), ((FULL,), (policy(statement("s3:*")),))):
        assert access(estate(policy(named(APP)), principal(APP), scps=scps)) == {}


def test_service_control_policies_bind_neither_the_management_account_nor_service_linked_roles() -> None:
    shut = ((FULL, policy(statement("kms:*", effect="Deny"))),)
    own = estate(policy(named(LINKED, APP)), principal(LINKED), principal(APP), scps=shut)
    assert access(own) == {LINKED: "yes"}
    assert access(estate(policy(named(ADMIN, EXT)), principal(ADMIN, FULL), principal(EXT, FULL), scps=shut)) == {
        ADMIN: "yes"
    }


def test_a_resource_control_policy_binds_every_caller_but_not_keys_of_the_management_account() -> None:
    shut = [policy(statement("kms:*", "*", effect="Deny"))]
    assert access(estate(policy(named(APP, EXT)), principal(APP), principal(EXT, FULL), rcps=shut)) == {}
    key = KEY.replace(A, MANAGEMENT)
    assert access(estate(policy(named(ADMIN)), principal(ADMIN), rcps=shut, key=key)) == {ADMIN: "yes"}


def test_a_boundary_limits_a_role_but_not_a_user_whom_the_key_policy_names() -> None:
    limit = policy(statement("s3:*"))
    snapshot = estate(policy(named(APP, ANN)), principal(APP, boundary=limit), principal(ANN, boundary=limit))
    assert access(snapshot) == {ANN: "yes"}


def test_an_explicit_deny_of_a_boundary_limits_everybody() -> None:
    limit = policy(statement("*"), DENY)
    assert access(estate(policy(named(ANN)), principal(ANN, boundary=limit))) == {}


def test_an_identity_policy_denies_also_whom_the_key_policy_names() -> None:
    assert access(estate(policy(named(APP)), principal(APP, policy(DENY)))) == {}


def test_another_account_needs_both_sides() -> None:
    key_policy = policy(named(EXT), statement("kms:Decrypt", {"AWS": MANAGEMENT}))
    snapshot = estate(key_policy, principal(EXT), principal(ADMIN, DECRYPT))
    assert access(snapshot) == {ADMIN: "yes"}
    assert access(estate(key_policy, principal(EXT, DECRYPT), principal(ADMIN))) == {EXT: "yes"}


def test_an_action_that_does_not_work_across_accounts_gives_no_access_there() -> None:
    assert access(estate(policy(statement(principal={"AWS": B})), principal(EXT, FULL)), "kms:PutKeyPolicy") == {}


# --- Grants ---


def test_a_grant_needs_no_iam_policy_and_shows_its_constraints_and_who_made_it() -> None:
    grant = {
        "GrantId": "g1",
        "GranteePrincipal": APP,
        "Operations": ["Decrypt"],
        "IssuingAccount": f"arn:aws:iam::{A}:root",
        "Constraints": {"EncryptionContextSubset": {"App": "x"}},
    }
    (row, *_) = answer(estate(policy(named(OPS)), principal(APP), grants=[grant]))["rows"]
    assert (row["principal"], row["access"]) == (APP, "conditional")
    (way,) = row["through"]
    assert (way["way"], way["grant_id"]) == ("grant", "g1")
    assert way["constraints"] == {"EncryptionContextSubset": {"App": "x"}}
    assert way["issuing_account"] == f"arn:aws:iam::{A}:root"
    assert row["request"]["context"]["kms:EncryptionContext:App"] == "x"


def test_a_deny_beats_a_grant() -> None:
    grant = {"GranteePrincipal": APP, "Operations": ["Decrypt"]}
    key_policy = policy(statement("kms:Decrypt", {"AWS": APP}, effect="Deny"))
    assert access(estate(key_policy, principal(APP), grants=[grant])) == {}


def test_whether_a_grantee_of_another_account_needs_an_iam_policy_is_not_documented() -> None:
    grant = {"GranteePrincipal": EXT, "Operations": ["Decrypt"]}
    assert access(estate(policy(named(OPS)), principal(EXT), grants=[grant])) == {EXT: "unknown"}
    assert access(estate(policy(named(OPS)), principal(EXT, DECRYPT), grants=[grant])) == {EXT: "yes"}


def test_a_grant_to_an_account_is_certain_for_whom_iam_gives_it_and_for_the_root_user() -> None:
    grant = {"GranteePrincipal": f"arn:aws:iam::{A}:root", "Operations": ["Decrypt"]}
    snapshot = estate(policy(named(OPS)), principal(APP), principal(ANN, DECRYPT), grants=[grant])
    assert access(snapshot) == {APP: "unknown", ANN: "yes"}
    assert f"arn:aws:iam::{A}:root" in {row["principal"] for row in answer(snapshot)["rows"] if row["access"] == "yes"}


# --- Sessions ---

BLUE = policy(named(APP, condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}}))


def trust(action: Any = "sts:AssumeRole", **condition: Any) -> str:
    return policy({"Effect": "Allow", "Principal": {"AWS": A}, "Action": action, **condition})


TAGGED = "sts:TagSession"


def test_a_session_can_bring_a_tag_only_where_the_role_s_trust_policy_lets_it() -> None:
    for trusting, expected in (
        (trust(), {}),
        (trust(["sts:AssumeRole", TAGGED]), {APP: "conditional"}),
        (trust("sts:*", Condition={"StringEquals": {"aws:RequestTag/team": ["red", "blue"]}}), {APP: "conditional"}),
        (trust("sts:*", Condition={"StringEquals": {"aws:RequestTag/team": ["red"]}}), {}),
        (trust(TAGGED, Condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["cost"]}}), {}),
    ):
        assert access(estate(BLUE, principal(APP, trust=trusting))) == expected, trusting


def test_a_trust_policy_s_deny_forbids_a_session_its_tag() -> None:
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": TAGGED,
        "Condition": {"Null": {"aws:RequestTag/team": "false"}},
    }
    allow = {"Effect": "Allow", "Principal": {"AWS": A}, "Action": "sts:*"}
    assert access(estate(BLUE, principal(APP, trust=policy(allow, deny)))) == {}


def test_a_session_s_tag_beats_the_role_s_own() -> None:
    blue = {"team": "blue"}
    assert access(estate(BLUE, principal(APP, tags=blue, trust=trust()))) == {APP: "yes"}
    (row,) = answer(estate(BLUE, principal(APP, tags=blue, trust=trust(["sts:AssumeRole", TAGGED]))))["rows"]
    assert (row["access"], row["request"]["context"]["aws:PrincipalTag/team"]) == ("conditional", "blue")


def test_only_a_session_whose_role_s_trust_policy_lets_it_has_a_source_identity() -> None:
    key_policy = policy(named(APP, ANN, condition={"StringEquals": {"aws:SourceIdentity": "ann"}}))
    snapshot = estate(key_policy, principal(APP, trust=trust("sts:SetSourceIdentity")), principal(ANN))
    assert access(snapshot) == {APP: "conditional"}
    assert access(estate(key_policy, principal(APP, trust=trust()), principal(ANN))) == {}


def test_a_resource_that_is_named_by_a_tag_is_found_by_the_role_s_tag_and_by_a_session_s() -> None:
    own = policy({"Effect": "Allow", "Action": "kms:*", "Resource": f"arn:aws:kms:*:{A}:key/${{aws:PrincipalTag/key}}"})
    for tags, trusting, expected in (
        ({"key": "1"}, trust(), {APP: "yes"}),
        ({"key": "2"}, trust(), {}),
        ({}, trust("sts:*"), {APP: "conditional"}),
    ):
        assert access(estate(DELEGATING, principal(APP, own, tags=tags, trust=trusting))) == expected


# --- Conditions ---


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
        {"StringEquals": {"kms:EncryptionContext:app": "x"}},
        {"StringEquals": {"aws:SourceVpce": "vpce-1"}},
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
        {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}},
    ],
)
def test_a_condition_on_what_a_request_chooses_leaves_conditional_access(condition: Any) -> None:
    assert access(estate(policy(named(APP, condition=condition)), principal(APP))) == {APP: "conditional"}


@pytest.mark.parametrize(
    "condition",
    [
        {"StringNotEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
        {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}},
        {"StringNotEquals": {"kms:EncryptionContext:app": "x"}},
    ],
)
def test_a_deny_with_such_a_condition_leaves_conditional_access(condition: Any) -> None:
    deny = statement("kms:*", "*", effect="Deny", condition=condition)
    (row,) = answer(estate(policy(named(APP), deny), principal(APP)))["rows"]
    assert row["access"] == "conditional"
    assert row["conditions"]["summary"].startswith("unless ")


def test_a_deny_where_tls_is_not_used_leaves_nothing_open() -> None:
    deny = statement("kms:*", "*", effect="Deny", condition={"Bool": {"aws:SecureTransport": "false"}})
    assert access(estate(policy(named(APP), deny), principal(APP))) == {APP: "yes"}


def test_each_grant_that_is_made_has_operations() -> None:
    deny = statement("kms:*", "*", effect="Deny", condition={"Null": {"kms:GrantOperations": "true"}})
    key_policy = policy(statement("kms:CreateGrant", {"AWS": APP}), deny)
    assert access(estate(key_policy, principal(APP)), "kms:CreateGrant") == {APP: "yes"}


def test_one_service_alone_can_be_asked_after() -> None:
    through_s3 = {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    snapshot = estate(policy(named(APP, condition=through_s3)), principal(APP))
    assert access(snapshot, via="s3") == {APP: "yes"}
    assert access(snapshot, via="ec2.eu-west-1.amazonaws.com") == {}


def test_everybody_of_the_organization_is_found_by_its_id_its_path_and_by_tags() -> None:
    people = (principal(APP, tags={"team": "blue"}), principal(OPS), principal(EXT, DECRYPT))
    for condition, expected in (
        ({"StringEquals": {"aws:PrincipalOrgID": "o-x"}}, {APP, OPS, EXT}),
        ({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-x/r-1/ou-b/*"}}, {EXT}),
        ({"StringEquals": {"aws:PrincipalTag/team": "blue"}}, {APP}),
        ({"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{A}:role/O*"}}, {OPS}),
    ):
        shared = policy(statement("kms:Decrypt", "*", condition=condition))
        assert access(estate(shared, *people)) == dict.fromkeys(sorted(expected), "yes")


def test_a_deleted_principal_has_no_access_and_no_row() -> None:
    found = answer(estate(policy(statement(USE, {"AWS": ["AROAIIAX3XXUTM7QXYZAB", APP]})), principal(OPS, FULL)))
    assert (found["rows"], found["outsiders"]) == ([], [])


def test_a_session_that_is_named_makes_its_role_s_access_depend_on_the_session() -> None:
    session = f"arn:aws:sts::{A}:assumed-role/App/deploy"
    (row,) = answer(estate(policy(named(session)), principal(APP)))["rows"]
    assert (row["principal"], row["access"], row["request"]["principal"]) == (APP, "conditional", session)


def test_a_session_that_is_denied_leaves_its_role_s_access_to_the_other_sessions() -> None:
    session = f"arn:aws:sts::{A}:assumed-role/App/deploy"
    deny = statement("kms:*", {"AWS": session}, effect="Deny")
    assert access(estate(policy(named(APP), deny), principal(APP))) == {APP: "conditional"}


# --- Beyond the snapshot ---


def test_outsiders_services_and_everybody_are_told_apart() -> None:
    key_policy = policy(
        named(f"arn:aws:iam::{OUTSIDE}:role/ext", "999999999999"),
        statement("kms:Decrypt", "*", condition={"StringEquals": {"aws:PrincipalOrgID": "o-other"}}),
        statement("kms:Decrypt", {"Service": "logs.eu-west-1.amazonaws.com"}),
    )
    found = answer(estate(key_policy, principal(APP)))
    told = {(item["kind"], item["principal"], item["access"]) for item in found["outsiders"]}
    assert told == {
        ("account", "999999999999", "yes"),
        ("principal", f"arn:aws:iam::{OUTSIDE}:role/ext", "yes"),
        ("organization", "o-other", "conditional"),
    }
    assert [(item["principal"], item["access"]) for item in found["services"]] == [
        ("logs.eu-west-1.amazonaws.com", "yes")
    ]
    assert found["public"] is None


def test_what_a_service_s_access_depends_on_is_said_of_each_statement() -> None:
    logs = {"Service": "logs.eu-west-1.amazonaws.com"}
    found = answer(
        estate(
            policy(
                statement("kms:Decrypt", logs, condition={"StringEquals": {"kms:CallerAccount": A}}),
                statement("kms:Decrypt", logs, condition={"StringEquals": {"aws:SourceAccount": A}}),
            )
        )
    )
    (service,) = found["services"]
    for words in ("the caller is of account", "the service works for account"):
        assert words in service["conditions"]["summary"]


def test_the_root_user_has_neither_tags_nor_a_source_identity() -> None:
    for key in ("aws:PrincipalTag/team", "aws:SourceIdentity"):
        key_policy = policy(statement(principal=ROOT, condition={"StringEquals": {key: "blue"}}))
        assert answer(estate(key_policy))["rows"] == []


def test_everybody_without_a_condition_is_public() -> None:
    assert answer(estate(policy(statement("kms:Decrypt", "*")), principal(APP)))["public"]["access"] == "yes"


# --- What wasn't read ---


def test_an_account_of_the_organization_whose_iam_was_not_read_is_unknown_and_named() -> None:
    snapshot = estate(policy(statement("kms:Decrypt", {"AWS": B})), principal(APP), accounts=frozenset({A}))
    (row,) = answer(snapshot)["rows"]
    assert (row["principal"], row["access"]) == (f"arn:aws:iam::{B}:root", "unknown")
    assert "not read" in row["reason"]


def test_where_the_organization_was_not_read_what_depends_on_it_is_unknown() -> None:
    shared = policy(statement("kms:Decrypt", "*", condition={"StringEquals": {"aws:PrincipalOrgID": "o-x"}}))
    snapshot = estate(shared, principal(APP), organization=None, organization_read=False)
    assert access(snapshot) == {APP: "unknown"}


def test_a_principal_of_whom_a_policy_is_missing_is_unknown() -> None:
    found = estate(DELEGATING, principal(APP, missing="not read: policy P"), principal(OPS, DECRYPT))
    assert access(found) == {APP: "unknown", OPS: "yes"}


def test_a_policy_of_the_organization_that_is_not_understood_leaves_open_what_it_may_limit() -> None:
    odd = '{"Version": "2012-10-17", "Statement": [{"Effect": "Maybe"}]}'
    for limits in ({"scps": ((FULL, odd),)}, {"rcps": [odd]}):
        (row,) = answer(estate(policy(named(APP)), principal(APP), principal(OPS), **limits))["rows"]
        assert (row["principal"], row["access"]) == (APP, "unknown")
        assert "is not understood" in row["reason"]


# --- One step further ---


def test_who_may_change_the_policy_or_make_grants_may_gain_access() -> None:
    snapshot = estate(policy(named(APP), statement("kms:PutKeyPolicy", {"AWS": OPS})), principal(APP), principal(OPS))
    assert answer(snapshot)["may_gain"] == [{"principal": OPS, "by": "kms:PutKeyPolicy", "on": KEY, "access": "yes"}]


def test_who_may_assume_a_role_with_access_or_change_its_trust_may_gain_access() -> None:
    trust = policy({"Effect": "Allow", "Principal": {"AWS": OPS}, "Action": "sts:AssumeRole"})
    editor = policy({"Effect": "Allow", "Action": "iam:UpdateAssumeRolePolicy", "Resource": APP})
    snapshot = estate(policy(named(APP)), principal(APP, trust=trust), principal(OPS), principal(ANN, editor))
    assert {(item["principal"], item["by"], item["on"]) for item in answer(snapshot)["may_gain"]} == {
        (OPS, "sts:AssumeRole", APP),
        (ANN, "iam:UpdateAssumeRolePolicy", APP),
    }


def test_who_may_change_his_own_policies_may_gain_what_the_key_policy_leaves_to_the_account() -> None:
    editor = policy({"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": ANN})
    people = (principal(ANN, editor), principal(APP))
    assert [item["by"] for item in answer(estate(DELEGATING, *people))["may_gain"]] == ["iam:PutUserPolicy"]
    assert answer(estate(policy(named(APP)), *people))["may_gain"] == []


def gained(snapshot: AccessSnapshot, action: str = "kms:Decrypt") -> set[tuple[str, str, str, str]]:
    steps = answer(snapshot, action)["may_gain"]
    return {(item["principal"], item["by"], item["on"], item["access"]) for item in steps}


def test_who_may_change_the_policies_or_credentials_of_a_principal_with_access_may_gain_it() -> None:
    editor = policy(statement(["iam:AttachRolePolicy", "iam:CreateAccessKey"]))
    people = (principal(APP), principal(ANN), principal(OPS, editor))
    assert gained(estate(policy(named(APP, ANN)), *people)) == {
        (OPS, "iam:AttachRolePolicy", APP, "yes"),
        (OPS, "iam:CreateAccessKey", ANN, "yes"),
    }


def test_who_may_rewrite_a_managed_policy_of_his_own_may_gain_what_the_key_policy_leaves_to_the_account() -> None:
    arn = f"arn:aws:iam::{A}:policy/mine"
    own = principal(OPS, policy(statement("iam:CreatePolicyVersion")))
    managed = replace(own, policies=(replace(own.policies[0], arn=arn),))
    assert gained(estate(DELEGATING, managed)) == {(OPS, "iam:CreatePolicyVersion", arn, "yes")}


def test_outsiders_and_identity_providers_that_a_role_with_access_trusts_may_gain_it() -> None:
    provider = f"arn:aws:iam::{A}:oidc-provider/token.actions.githubusercontent.com"
    claim = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}}
    trusting = policy(
        {"Effect": "Allow", "Principal": {"AWS": [f"arn:aws:iam::{OUTSIDE}:root", B]}, "Action": "sts:AssumeRole"},
        {
            "Effect": "Allow",
            "Principal": {"Federated": provider},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": claim,
        },
    )
    assert gained(estate(policy(named(APP)), principal(APP, trust=trusting), principal(EXT))) == {
        (f"arn:aws:iam::{OUTSIDE}:root", "sts:AssumeRole", APP, "yes"),
        (provider, "sts:AssumeRoleWithWebIdentity", APP, "conditional"),
    }


def test_a_grant_leads_only_to_what_a_grant_can_give_and_an_outsider_may_make_one() -> None:
    key_policy = policy(named(APP), statement("kms:CreateGrant", {"AWS": OUTSIDE}))
    snapshot = estate(key_policy, principal(APP))
    assert gained(snapshot) == {(OUTSIDE, "kms:CreateGrant", KEY, "yes")}
    assert gained(snapshot, "kms:ScheduleKeyDeletion") == set()


def test_a_replica_leads_to_the_use_of_a_multi_region_primary_key_alone() -> None:
    snapshot = estate(policy(statement("kms:ReplicateKey", {"AWS": APP})), principal(APP))
    assert gained(snapshot) == set()
    (key,) = snapshot.keys.values()
    primary = replace(key, facts=replace(key.facts, multi_region=True, multi_region_type="PRIMARY"))
    steps = gained(AccessSnapshot([primary], snapshot.iam))
    assert steps == {(APP, "kms:ReplicateKey", KEY, "yes")}


def test_roles_of_equal_standing_are_each_shown_with_the_tag_that_their_session_brings() -> None:
    red, tagging = {"team": "red"}, trust(["sts:AssumeRole", TAGGED])
    blue = policy(named(APP, OPS, condition={"StringEquals": {"aws:PrincipalTag/team": "blue"}}))
    snapshot = estate(blue, *(principal(arn, tags=red, trust=tagging) for arn in (APP, OPS)))
    rows = {row["principal"]: row["request"]["context"] for row in answer(snapshot)["rows"]}
    assert {arn: told["aws:PrincipalTag/team"] for arn, told in rows.items()} == {APP: "blue", OPS: "blue"}


def test_principals_of_equal_standing_are_each_shown_with_a_request_of_their_own() -> None:
    arns = [f"arn:aws:iam::{account}:role/Reader" for account in (A, B, MANAGEMENT)]
    by_organization = {"StringEquals": {"aws:PrincipalOrgID": "o-x"}, "Bool": {"aws:SecureTransport": "true"}}
    everybody = statement("kms:Decrypt", "*", condition=by_organization)
    snapshot = estate(policy(everybody), *(principal(arn, FULL) for arn in arns))
    units = dict(zip(arns, ("ou-a", "ou-b", "ou-m"), strict=True))
    rows = {row["principal"]: row["request"] for row in answer(snapshot)["rows"]}
    assert {arn: rows[arn]["principal"] for arn in arns} == {arn: arn for arn in arns}
    for arn in arns:
        told = rows[arn]["context"]
        assert told.get("aws:PrincipalArn", arn) == arn
        assert told["aws:PrincipalOrgPaths"] == [f"o-x/r-1/{units[arn]}/"]
