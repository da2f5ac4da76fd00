"""Grants declared with a key: what KMS would refuse is refused before, on its field."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.loaders import Loader
from declared_files import loaded, one_key, problems_of

from keywright._internal.facts.offerings import (
    GRANT_OPERATIONS_BY_USAGE,
    GRANT_OPERATIONS_OF_ANY_KEY,
    grant_operations,
)
from keywright._internal.policy import catalogue

ROLE = "arn:aws:iam::111122223333:role/x"


def test_a_grant_of_a_file(tmp_path: Path) -> None:
    text = (
        f"grants: [{{name: a, grantee_principal: '{ROLE}', operations: [Decrypt], retiring_principal: '{ROLE}',"
        "constraints: {encryption_context_equals: {a: b}}}]"
    )
    (grant,) = loaded(tmp_path, one_key(text)).keys["app"].grants
    assert grant.operations == ("Decrypt",)
    assert grant.constraints is not None
    assert grant.constraints.encryption_context_equals == {"a": "b"}


@pytest.mark.parametrize(
    ("fields", "field", "message", "remedy"),
    [
        ("name: a b", "name", "not a name for a grant", "letters"),
        ("grantee_principal: x", "grantee_principal", "not the ARN", "arn:aws:iam"),
        (f"grantee_principal: 'durable:{ROLE}'", "grantee_principal", "only `key_administrator_arns`", "ARN"),
        ("retiring_principal: '*'", "retiring_principal", "wildcard", ""),
        ("retiring_principal: 'arn:aws-cn:iam::111122223333:root'", "retiring_principal", "partition", "`aws`"),
        ("operations: []", "operations", "empty", "at least one"),
        ("operations: [Decrypt, Decrypt]", "operations", "`Decrypt` twice", "keep one"),
        ("operations: ['kms:Decrypt']", "operations[0]", "not an operation", "write `Decrypt`"),
        ("operations: [decrypt]", "operations[0]", "not an operation", "`Decrypt`"),
        ("operations: [Sign]", "operations[0]", "no operation of a key for ENCRYPT_DECRYPT", "GenerateDataKey"),
        ("constraints: {}", "constraints", "no constraint", "encryption_context_equals"),
        ("constraints: {encryption_context_equals: {a: b}, encryption_context_subset: {a: b}}", "constraints",
         "both constraints", "encryption_context_subset"),
        (f"constraints: {{encryption_context_equals: {{a: {'x' * 385}}}}}", "constraints.encryption_context_equals",
         "384 characters", "shorten"),
        (f"constraints: {{encryption_context_equals: {{{', '.join(f'a{n}: b' for n in range(9))}}}}}",
         "constraints.encryption_context_equals", "9 pairs; KMS takes 8", "remove"),
        ("constraint: {}", "constraint", "not a field of a grant", "`constraints`"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_on_its_field(tmp_path: Path, fields: str, field: str, message: str, remedy: str) -> None:
    right = {"name": "a", "grantee_principal": f"'{ROLE}'", "operations": "[Decrypt]"}
    rest = ", ".join(f"{name}: {value}" for name, value in right.items() if f"{name}: " not in f", {fields}")
    problems = problems_of(tmp_path, one_key(f"grants: [{{{rest}, {fields}}}]"))
    found = {
        item.field.removeprefix("keys.app.grants[0].").removeprefix("keys.app.grants[0]"): item for item in problems
    }
    assert message in found[field].message
    assert remedy in found[field].remedy


def test_two_grants_do_not_share_a_name(tmp_path: Path) -> None:
    two = ", ".join([f"{{name: a, grantee_principal: '{ROLE}', operations: [Decrypt]}}"] * 2)
    assert "two grants `a`" in problems_of(tmp_path, one_key(f"grants: [{two}]"))[0].message


def test_constraints_are_for_keys_with_an_encryption_context(tmp_path: Path) -> None:
    constraints = "constraints: {encryption_context_equals: {a: b}}"
    grant = f"{{name: a, grantee_principal: '{ROLE}', operations: [Sign], {constraints}}}"
    text = one_key(f"customer_master_key_spec: RSA_2048, key_usage: SIGN_VERIFY, grants: [{grant}]")
    assert [item.field for item in problems_of(tmp_path, text)] == ["keys.app.grants[0].constraints"]


def test_every_operation_of_a_grant_is_one_of_some_usage() -> None:
    of_usages = {item for found in GRANT_OPERATIONS_BY_USAGE.values() for item in found}
    assert of_usages | set(GRANT_OPERATIONS_OF_ANY_KEY) == set(grant_operations())
    assert set(grant_operations()) == set(
        Loader().load_service_model("kms", "service-2")["shapes"]["GrantOperation"]["enum"]
    )


@pytest.mark.parametrize("usage", GRANT_OPERATIONS_BY_USAGE)
def test_what_a_grant_can_allow_is_what_a_user_of_the_usage_can_do(usage: str) -> None:
    users = {action.removeprefix("kms:") for action in catalogue.load().users[usage]}
    assert {*GRANT_OPERATIONS_BY_USAGE[usage], "DescribeKey"} == users
