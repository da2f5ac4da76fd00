"""The stand-in refuses what the real provider refuses: each validator, on values just right and just wrong.

Source: `internal/service/kms/{key,key_policy,alias,replica_key,grant,validate}.go` and `internal/verify/validate.go`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent / "provider"))

import schema
import validators
from tf.types import Unknown

ARN = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab"
ROLE = "arn:aws:iam::111122223333:role/x"
CASES: list[tuple[str, str, list[Any], list[Any]]] = [
    ("aws_kms_key", "description", ["", "x" * 8192], ["x" * 8193, "é" * 4097]),
    ("aws_kms_key", "policy", ["{}", " {}"], ["", "{", "x"]),
    ("aws_kms_key", "customer_master_key_spec", ["SYMMETRIC_DEFAULT", "SM2"], ["", "AES_256", "rsa_2048"]),
    ("aws_kms_key", "key_usage", ["SIGN_VERIFY"], ["SIGN", ""]),
    ("aws_kms_key", "deletion_window_in_days", [7, 30], [6, 31, 7.5]),
    ("aws_kms_key", "custom_key_store_id", ["x" * 22], ["", "x" * 23]),
    ("aws_kms_key", "region", ["eu-west-1", "us-gov-west-1", "eusc-de-east-1", ""], ["here", "eu-west"]),
    ("aws_kms_key_policy", "key_id", ["a", "x" * 2048], ["", "x" * 2049]),
    ("aws_kms_key_policy", "policy", ["{}"], ["", "{"]),
    ("aws_kms_key_policy", "region", ["eu-west-1"], ["here"]),
    ("aws_kms_alias", "name", ["alias/a/b_c-1", "alias/awsome"], ["a", "alias/", "a b", "alias/aws/x", "alias/a:b"]),
    ("aws_kms_alias", "name_prefix", ["alias/a"], ["a", "alias/aws/x"]),
    ("aws_kms_alias", "region", ["eu-west-1"], ["here"]),
    ("aws_kms_replica_key", "description", ["x" * 8192], ["x" * 8193]),
    ("aws_kms_replica_key", "policy", ["{}"], ["{"]),
    ("aws_kms_replica_key", "deletion_window_in_days", [7, 30], [6, 31]),
    ("aws_kms_replica_key", "primary_key_arn", [ARN, ""], [
        "PBXTRB", "mrk-1234", "arn:aws:kms:us-east-1:1:key/x", "arn:aws:kms:here:111122223333:key/x",
        "arn:AWS:kms:us-east-1:111122223333:key/x", "arn:aws:kms:us-east-1:111122223333:", "arn:aws:kms",
    ]),
    ("aws_kms_replica_key", "region", ["eu-west-1"], ["here"]),
    ("aws_kms_grant", "grantee_principal", [ROLE, "sns.amazonaws.com"], ["x", "111122223333", "sns.example.com"]),
    ("aws_kms_grant", "retiring_principal", [ROLE], ["x"]),
    ("aws_kms_grant", "name", ["a:b/c_d-1", "x" * 256], ["", "a b", "x" * 257]),
    ("aws_kms_grant", "operations", [["Decrypt", "RetireGrant"]], [["decrypt"], ["kms:Decrypt"]]),
    ("aws_kms_grant", "region", ["eu-west-1"], ["here"]),
]  # fmt: skip
TOGETHER = [
    ("aws_kms_key", "rotation_period_in_days", {"enable_key_rotation": True}, [90, 2560], [89, 2561]),
    ("aws_kms_key", "xks_key_id", {"custom_key_store_id": "x"}, ["x" * 128], ["", "x" * 129]),
]


def _refused(resource: str, **given: Any) -> set[str]:
    return {name for name, _ in validators.problems(resource, given)}


@pytest.mark.parametrize(("resource", "name", "right", "wrong"), CASES)
def test_a_value_is_refused_where_the_real_provider_refuses_it(
    resource: str, name: str, right: list[Any], wrong: list[Any]
) -> None:
    assert [value for value in (*right, None, Unknown) if _refused(resource, **{name: value})] == []
    assert [value for value in wrong if _refused(resource, **{name: value}) != {name}] == []


@pytest.mark.parametrize(("resource", "name", "beside", "right", "wrong"), TOGETHER)
def test_a_value_that_needs_another_is_refused_without_it(
    resource: str, name: str, beside: dict[str, Any], right: list[Any], wrong: list[Any]
) -> None:
    assert [value for value in right if _refused(resource, **{name: value}, **beside)] == []
    assert [value for value in right if _refused(resource, **{name: value}) != {name}] == []
    assert [value for value in wrong if not _refused(resource, **{name: value}, **beside)] == []


def test_an_alias_has_a_name_or_a_prefix() -> None:
    assert _refused("aws_kms_alias", name="alias/a", name_prefix="alias/b") == {"name"}


def test_every_validator_has_a_case() -> None:
    checked = {(resource, name) for resource, names in validators.CHECKS.items() for name in names}
    assert checked == {(case[0], case[1]) for case in (*CASES, *TOGETHER)}
    assert {*validators.CHECKS} == {*schema.RESOURCES}
    assert [item for item in checked if item[1] not in schema.attributes(schema.RESOURCES[item[0]])] == []
