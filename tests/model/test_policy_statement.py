"""Statements of one's own: both ways to write them mean the same, and every mistake is said on its field."""

from __future__ import annotations

from pathlib import Path

import pytest
from declared_files import one_key, problems_of

from keywright._internal.model.key import Key

ROLE = "arn:aws:iam::111122223333:role/x"
LONG = {
    "sid": "A",
    "actions": ["kms:Decrypt"],
    "principals": [{"type": "AWS", "identifiers": [ROLE]}, {"type": "Service", "identifiers": ["sns.amazonaws.com"]}],
    "conditions": [
        {"test": "StringEquals", "variable": "aws:PrincipalOrgID", "values": ["o-abc"]},
        {"test": "Bool", "variable": "kms:GrantIsForAWSResource", "values": ["true"]},
    ],
}
SHORT = {
    "sid": "A",
    "actions": "kms:Decrypt",
    "principals": {"AWS": ROLE, "Service": ["sns.amazonaws.com"]},
    "conditions": {"StringEquals": {"aws:PrincipalOrgID": "o-abc"}, "Bool": {"kms:GrantIsForAWSResource": True}},
}


def test_a_statement_may_be_written_as_a_policy_has_it() -> None:
    assert Key.model_validate({"statements": [SHORT]}) == Key.model_validate({"statements": [LONG]})


def test_what_is_null_is_left_out() -> None:
    left_out = {"effect": None, "resources": None, "not_actions": None, "conditions": None}
    assert Key.model_validate({"statements": [SHORT | {"conditions": {}} | left_out]}).statements[0].effect == "Allow"


@pytest.mark.parametrize(
    ("statement", "field", "message", "remedy"),
    [
        ("actions: ['s3:Get'], principals: '*'", "actions[0]", "not an action of KMS", "kms:Decrypt"),
        ("actions: [], principals: '*'", "actions", "empty", "at least one"),
        ("principals: '*'", "", "neither `actions` nor `not_actions`", "`actions`"),
        ("actions: '*', not_actions: '*', principals: '*'", "", "both `actions` and", "keep one"),
        ("actions: '*'", "", "neither `principals` nor", "`principals`"),
        ("actions: '*', not_principals: '*'", "", "allows everybody but some", "Deny"),
        ("actions: '*', principals: {AWS: x}", "principals[0]", "names `x`, which is not the ARN", "arn:aws:iam"),
        (f"actions: '*', principals: {{AWS: 'durable:{ROLE}'}}", "principals[0]", "only `key_administrator", "ARN"),
        ("actions: '*', principals: {Service: sns}", "principals[0]", "not a service principal", "sns.amazonaws.com"),
        ("actions: '*', principals: [{type: '*', identifiers: [x]}]", "principals[0]", "stands for everybody", "AWS"),
        ("actions: '*', principals: {Role: x}", "principals[0].type", "not a value", "`AWS`"),
        ("actions: '*', principals: '*', effect: allow", "effect", "not a value", "`Allow`"),
        ("actions: '*', principals: '*', conditions: {StringEqual: {aws:x: y}}", "conditions[0].test",
         "not a condition operator", "`StringEquals`"),
        ("actions: '*', principals: '*', conditions: {NullIfExists: {aws:x: y}}", "conditions[0].test",
         "not a condition operator", ""),
        ("actions: '*', principals: '*', conditions: {Bool: {x: y}}", "conditions[0].variable",
         "not a condition key", "aws:PrincipalOrgID"),
        ("actions: '*', principals: '*', conditions: {Bool: y}", "conditions", "no condition keys under", "OPERATOR"),
        ("actions: '*', principals: '*', conditions: {Bool: {aws:x: '日'}}", "conditions[0].values[0]",
         "`日`, which KMS does not take", "replace"),
        ("action: '*', principals: '*'", "action", "not a field of a statement", "`actions`"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_on_its_field(tmp_path: Path, statement: str, field: str, message: str, remedy: str) -> None:
    problems = problems_of(tmp_path, one_key(f"statements: [{{{statement}}}]"))
    found = {item.field.removeprefix("keys.app.statements[0]").removeprefix("."): item for item in problems}
    assert message in found[field].message
    assert remedy in found[field].remedy


def test_two_statements_do_not_share_a_sid(tmp_path: Path) -> None:
    two = ", ".join(["{sid: A, actions: '*', principals: '*'}"] * 2)
    assert "two statements `A`" in problems_of(tmp_path, one_key(f"statements: [{two}]"))[0].message


def test_statements_beside_a_whole_policy_are_refused(tmp_path: Path) -> None:
    policy = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}'
    text = one_key(f"policy: '{policy}', statements: [{{actions: '*', principals: '*'}}]")
    assert "would say nothing" in problems_of(tmp_path, text)[0].message


@pytest.mark.parametrize(
    ("statement", "somebody"),
    [
        ({"actions": "kms:Put*"}, True),
        ({"not_actions": "kms:Decrypt"}, True),
        ({"not_actions": "kms:PUTKEYPOLICY"}, False),
        ({"actions": "kms:Decrypt"}, False),
        ({"actions": "kms:*", "effect": "Deny"}, False),
    ],
)
def test_without_root_and_administrator_a_statement_must_let_somebody_change_the_policy(
    statement: dict[str, str], somebody: bool
) -> None:
    fields = {"enable_default_root_policy": False, "statements": [{"principals": {"AWS": ROLE}, **statement}]}
    if somebody:
        assert Key.model_validate(fields)
    else:
        with pytest.raises(ValueError, match="nobody could ever change"):
            Key.model_validate(fields)
