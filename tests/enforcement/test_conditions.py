"""Condition keys have the values of the real request; headers stand in for what loopback can't have."""

from __future__ import annotations

from typing import Any

import pytest

from aws_directly import Refused
from real_callers import HOME, USE, Account, decrypt, encrypt, with_headers

CONDITIONS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        {"StringEquals": {"kms:EncryptionContext:app": "pay"}},
        {"EncryptionContext": {"app": "pay"}},
        {"EncryptionContext": {"app": "other"}},
    ),
    (
        {
            "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["app"]},
            "Null": {"kms:EncryptionContextKeys": "false"},
        },
        {"EncryptionContext": {"app": "pay"}},
        {"EncryptionContext": {"App": "pay"}},
    ),
    ({"StringEquals": {"kms:RequestAlias": "alias/app"}}, {"KeyId": "alias/app"}, {}),
]


@pytest.mark.parametrize(("condition", "right", "wrong"), CONDITIONS)
def test_a_condition_of_kms_s_own_is_decided_by_the_request(
    condition: dict[str, Any], right: dict[str, Any], wrong: dict[str, Any], home: Account
) -> None:
    key = home.key()
    home.root.kms("CreateAlias", AliasName="alias/app", TargetKeyId=key)
    user = home.user("ann", {**USE, "Condition": condition})
    asked: dict[str, Any] = {"KeyId": key, "Plaintext": "aGVsbG8="}
    user.kms("Encrypt", **asked | right)
    with pytest.raises(Refused, match="AccessDeniedException"):
        user.kms("Encrypt", **asked | wrong)


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"kms:CallerAccount": "{account}"}},
        {"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT"}},
        {"StringEquals": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}},
        {"StringEquals": {"aws:RequestedRegion": "us-east-1", "aws:ResourceAccount": "{account}"}},
        {"StringEquals": {"aws:ResourceTag/team": "red"}},
        {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}},
        {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
        {"Bool": {"aws:ViaAWSService": "false", "kms:MultiRegion": "false"}},
        {"Null": {"kms:ViaService": "true", "aws:PrincipalOrgID": "true", "aws:TokenIssueTime": "true"}},
        {"StringEquals": {"aws:username": "ann", "aws:PrincipalType": "User"}},
        {"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}},
    ],
)
def test_what_follows_from_caller_key_and_moment_is_in_the_context(condition: dict[str, Any], home: Account) -> None:
    filled = {
        operator: {name: value.format(account=home.id) for name, value in tests.items()}
        for operator, tests in condition.items()
    }
    key = home.key(Tags=[{"TagKey": "team", "TagValue": "red"}])
    home.root.kms("CreateAlias", AliasName="alias/app", TargetKeyId=key)
    assert encrypt(home.user("ann", {**USE, "Condition": filled}), key)


def test_a_call_through_a_service_is_told_by_a_header(home: Account) -> None:
    through_s3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    key = home.key(home.for_account() | {"Condition": through_s3})
    user = home.user("ann", USE)
    assert encrypt(with_headers(user, Via_Service="s3"), key)
    assert encrypt(with_headers(user, Via_Service="s3.us-east-1.amazonaws.com"), key)
    for direct in (user, with_headers(user, Via_Service="ec2")):
        with pytest.raises(Refused, match="no resource-based policy allows"):
            encrypt(direct, key)


def test_boto3_puts_the_header_on_by_an_event_and_signs_it(home: Account) -> None:
    import boto3  # noqa: PLC0415 - one test's client

    through_s3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    key = home.key(home.for_account() | {"Condition": through_s3})
    user = home.user("ann", USE)
    kms = boto3.Session(user.account, user.secret, region_name=HOME).client("kms", endpoint_url=home.endpoint)
    with pytest.raises(kms.exceptions.ClientError, match="no resource-based policy allows the kms:Encrypt action"):
        kms.encrypt(KeyId=key, Plaintext=b"text")
    kms.meta.events.register(
        "before-sign.kms", lambda request, **_: request.headers.add_header("X-Keywright-Via-Service", "s3")
    )
    assert kms.encrypt(KeyId=key, Plaintext=b"text")["KeyId"] == key


def test_a_deny_of_direct_calls_leaves_those_through_a_service(home: Account) -> None:
    direct = {"Bool": {"aws:ViaAWSService": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*", "Condition": direct}
    key, user = home.key(home.for_account(), deny), home.user("ann", USE)
    with pytest.raises(Refused, match="with an explicit deny in a resource-based policy"):
        encrypt(user, key)
    assert encrypt(with_headers(user, Via_Service="s3"), key)


def test_grants_may_be_left_to_services_that_ask_for_a_user(home: Account) -> None:
    for_service = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    granting = {"Effect": "Allow", "Action": "kms:CreateGrant", "Resource": "*", "Condition": for_service}
    key, user = home.key(), home.user("ann", granting)
    asked = {"KeyId": key, "GranteePrincipal": home.root_arn, "Operations": ["Decrypt"]}
    with_headers(user, Via_Service="ec2").kms("CreateGrant", **asked)
    with pytest.raises(Refused, match="kms:CreateGrant"):
        user.kms("CreateGrant", **asked)


def test_a_service_calls_by_itself_for_a_resource(home: Account) -> None:
    source = f"arn:aws:logs:us-east-1:{home.id}:log-group:app"
    service = "logs.us-east-1.amazonaws.com"
    key = home.key(
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "kms:Encrypt",
            "Resource": "*",
            "Condition": {"ArnLike": {"aws:SourceArn": source}, "StringEquals": {"aws:SourceAccount": home.id}},
        }
    )
    from_account = {"Source_Arn": source, "Source_Account": home.id}
    assert encrypt(with_headers(home.root, Service_Principal=service, **from_account), key)
    for other in (
        {"Service_Principal": service, "Source_Account": home.id},
        {"Service_Principal": "sns.amazonaws.com", **from_account},
    ):
        with pytest.raises(Refused, match="no resource-based policy allows the kms:Encrypt"):
            encrypt(with_headers(home.root, **other), key)


@pytest.mark.parametrize(
    ("condition", "context"),
    [
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, '{"aws:SourceVpce": "vpce-1"}'),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, '{"aws:SourceIp": "203.0.113.9"}'),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}, '{"aws:MultiFactorAuthPresent": "true"}'),
    ],
)
def test_network_and_second_factor_are_told_by_a_header(condition: dict[str, Any], context: str, home: Account) -> None:
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*", "Condition": condition}
    key, user = home.key(home.for_account(), deny), home.user("ann", USE)
    session = home.session(home.role("app", USE))
    with pytest.raises(Refused, match="with an explicit deny in a resource-based policy"):
        encrypt(session, key)
    assert encrypt(with_headers(session, Context=context), key)
    assert encrypt(with_headers(user, Context=context), key)


@pytest.mark.parametrize("context", ["[]", "{", '{"aws:PrincipalArn": "x"}', '{"aws:SourceIp": 1}'])
def test_a_header_that_is_not_understood_is_refused(context: str, home: Account) -> None:
    with pytest.raises(Refused, match=r"KeywrightNotUnderstood: .*x-keywright-context"):
        with_headers(home.root, Context=context).kms("ListKeys")


def test_re_encrypting_needs_both_sides_and_keeps_the_text(home: Account) -> None:
    one, other = home.key(), home.key()
    moving = {"Effect": "Allow", "Action": "kms:ReEncryptFrom", "Resource": one}
    both = home.user("ann", moving, {**moving, "Action": "kms:ReEncryptTo", "Resource": other})
    blob = encrypt(home.root, one)
    moved = both.kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=other)
    assert decrypt(home.root, moved["CiphertextBlob"], KeyId=other) == "aGVsbG8="
    with pytest.raises(Refused, match="kms:ReEncryptTo on resource: "):
        home.user("bob", moving).kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=other)
    with pytest.raises(Refused, match="kms:ReEncryptFrom"):
        home.user("eve").kms("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=other)


def test_another_key_does_not_open_a_ciphertext(home: Account) -> None:
    one, other = home.key(), home.key()
    with pytest.raises(Refused, match="IncorrectKeyException"):
        decrypt(home.root, encrypt(home.root, one), KeyId=other)
