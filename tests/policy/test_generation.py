"""What the generated policy says for each purpose."""

from __future__ import annotations

import json

import pytest
from botocore.loaders import Loader
from hypothesis import given
from hypothesis import strategies as st

from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy import catalogue
from keywright._internal.policy.document import PolicyDocument, Statement, as_json
from keywright._internal.policy.generation import key_policy, replica_policy

HOME = KeyLocation("aws", "111122223333", "us-east-1")
ADMINISTRATOR = "arn:aws:iam::111122223333:role/kms-admin"
USER = "arn:aws:iam::111122223333:role/app"
CRYPTOGRAPHIC = {
    "kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:Sign", "kms:Verify",
    "kms:GenerateMac", "kms:VerifyMac", "kms:DeriveSharedSecret", "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext", "kms:GenerateDataKeyPair", "kms:GenerateDataKeyPairWithoutPlaintext",
}  # fmt: skip
KINDS = [
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
    ("RSA_2048", "ENCRYPT_DECRYPT"),
    ("ECC_NIST_P256", "SIGN_VERIFY"),
    ("HMAC_256", "GENERATE_VERIFY_MAC"),
    ("ECC_NIST_P384", "KEY_AGREEMENT"),
]


def statements(document: PolicyDocument) -> dict[str, Statement]:
    named = {item.sid or "": item for item in document.statements}
    assert len(named) == len(document.statements)
    return named


def test_a_plain_key_leaves_everything_to_the_account() -> None:
    assert json.loads(as_json(key_policy(Key(), HOME))) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AccountRoot",
                "Effect": "Allow",
                "Principal": {"AWS": ["arn:aws:iam::111122223333:root"]},
                "Action": ["kms:*"],
                "Resource": "*",
            },
        ],
    }


@pytest.mark.parametrize(("spec", "usage"), KINDS)
def test_administrators_neither_use_the_key_nor_create_grants(spec: str, usage: str) -> None:
    key = Key.model_validate(
        {"customer_master_key_spec": spec, "key_usage": usage, "key_administrator_arns": [ADMINISTRATOR]},
    )
    actions = set(statements(key_policy(key, HOME))["KeyAdministrators"].actions or ())
    assert not actions & (CRYPTOGRAPHIC | {"kms:CreateGrant"})
    assert {"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:TagResource"} <= actions
    assert ("kms:RotateKeyOnDemand" in actions) == (spec == "SYMMETRIC_DEFAULT")


@pytest.mark.parametrize(("spec", "usage"), KINDS)
def test_users_use_the_key_and_do_not_administer_it(spec: str, usage: str) -> None:
    key = Key.model_validate({"customer_master_key_spec": spec, "key_usage": usage, "key_user_arns": [USER]})
    named = statements(key_policy(key, HOME))
    assert set(named["KeyUsers"].actions or ()) <= CRYPTOGRAPHIC | {"kms:DescribeKey", "kms:GetPublicKey"}
    assert ("KeyUsersGrants" in named) == (spec == "SYMMETRIC_DEFAULT")


def test_users_grant_only_to_aws_resources() -> None:
    grants = statements(key_policy(Key(key_user_arns=(USER,)), HOME))["KeyUsersGrants"]
    assert [(item.operator, item.key, item.values) for item in grants.conditions] == [
        ("Bool", "kms:GrantIsForAWSResource", ("true",)),
    ]


def test_replication_is_for_administrators_of_multi_region_keys() -> None:
    single = key_policy(Key(key_administrator_arns=(ADMINISTRATOR,)), HOME)
    multi = key_policy(Key(key_administrator_arns=(ADMINISTRATOR,), multi_region=True), HOME)
    assert "kms:ReplicateKey" not in as_json(single)
    assert {"kms:ReplicateKey", "kms:UpdatePrimaryRegion"} <= set(
        statements(multi)["KeyAdministrators"].actions or (),
    )


def test_a_service_is_pinned_to_the_account_one_statement_a_pin() -> None:
    key = Key(key_service_users=("logs.us-east-1.amazonaws.com", "unknown.amazonaws.com"))
    named = statements(key_policy(key, HOME))
    pins = {sid: [(item.key, item.values) for item in each.conditions] for sid, each in named.items()}
    assert pins["ServiceLogsUsEast1CallerAccount"] == [("kms:CallerAccount", ("111122223333",))]
    assert pins["ServiceLogsUsEast1SourceAccount"] == [
        ("kms:EncryptionContext:aws:logs:arn", ("arn:aws:logs:us-east-1:111122223333:*",)),
    ]
    assert pins["ServiceUnknownSourceAccount"] == [("aws:SourceAccount", ("111122223333",))]


def test_a_replica_has_its_own_regions_services() -> None:
    key = Key(multi_region=True, key_service_users=("logs.us-east-1.amazonaws.com", "sns.amazonaws.com"))
    text = as_json(replica_policy(key, HOME, "eu-west-1"))
    assert "us-east-1" not in text
    assert "logs.eu-west-1.amazonaws.com" in text
    assert "arn:aws:logs:eu-west-1:111122223333:*" in text


def test_a_durable_principal_is_its_account_narrowed_to_its_name() -> None:
    named = statements(key_policy(Key(key_user_arns=(f"durable:{USER}",)), HOME))
    statement = named["KeyUsersDurable111122223333"]
    assert [item.value for item in statement.principals or ()] == ["arn:aws:iam::111122223333:root"]
    assert ("ArnEquals", "aws:PrincipalArn", (USER,)) in [
        (item.operator, item.key, item.values) for item in statement.conditions
    ]


def test_a_permission_set_is_matched_with_and_without_a_region_in_its_path() -> None:
    statement = statements(key_policy(Key(key_user_arns=("permission_set:Dev",)), HOME))
    values = statement["KeyUsersPermissionSets111122223333"].conditions[0].values
    path = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com"
    assert set(values) == {f"{path}/AWSReservedSSO_Dev_{'?' * 16}", f"{path}/*/AWSReservedSSO_Dev_{'?' * 16}"}


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_the_partition_is_the_keys_own(partition: str) -> None:
    text = as_json(key_policy(Key(key_service_users=("sns.amazonaws.com",)), KeyLocation(partition, "1" * 12, "r")))
    assert "arn:aws:" not in text


@given(st.permutations([ADMINISTRATOR, USER, f"durable:{USER}", "permission_set:Dev"]))
def test_the_order_in_the_file_does_not_change_a_byte(order: list[str]) -> None:
    expected = as_json(key_policy(Key(key_user_arns=tuple(sorted(order))), HOME))
    assert as_json(key_policy(Key(key_user_arns=tuple(order)), HOME)) == expected


def test_every_action_of_the_catalogue_is_one_that_kms_has() -> None:
    operations = set(Loader().load_service_model("kms", "service-2")["operations"])
    known = {f"kms:{name}" for name in operations - {"ReEncrypt"}} | {"kms:ReEncryptFrom", "kms:ReEncryptTo"}
    book = catalogue.load()
    used = {action for group in (*book.administrators.values(), *book.users.values()) for action in group}
    used |= {action for service in book.services.values() for action in (*service.actions, *service.grant_actions)}
    assert used | set(book.grants) <= known


def test_statements_of_ones_own_stand_behind_all_others() -> None:
    own = {
        "sid": "Own",
        "effect": "Deny",
        "not_actions": ["kms:Encrypt"],
        "not_principals": {"AWS": USER},
        "conditions": {"StringEquals": {"aws:PrincipalTag/a": ["y", "x"]}},
    }
    key = Key.model_validate({"key_user_arns": [USER], "statements": [own, {"actions": "kms:*", "principals": "*"}]})
    assert json.loads(as_json(key_policy(key, HOME)))["Statement"][-2:] == [
        {
            "Sid": "Own",
            "Effect": "Deny",
            "NotPrincipal": {"AWS": [USER]},
            "NotAction": ["kms:Encrypt"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/a": ["x", "y"]}},
        },
        {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["kms:*"], "Resource": "*"},
    ]


def test_a_service_of_ones_own_statement_is_the_replicas_regions() -> None:
    services = {"Service": ["logs.us-east-1.amazonaws.com", "sns.amazonaws.com"]}
    key = Key.model_validate({"multi_region": True, "statements": [{"actions": "kms:*", "principals": services}]})
    replica = json.loads(as_json(replica_policy(key, HOME, "eu-west-1")))
    assert replica["Statement"][-1]["Principal"] == {"Service": ["logs.eu-west-1.amazonaws.com", "sns.amazonaws.com"]}
