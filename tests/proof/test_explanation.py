"""Policies in words: the sentence of each statement, and the table of who can do what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from keywright._internal.policy.document import PolicyDocument
from keywright._internal.policy.parsing import parse_policy, parse_policy_value
from keywright._internal.proof.difference.explanation import AccessLine, explain

OWN = "111122223333"
ROOT = f"arn:aws:iam::{OWN}:root"
APP = f"arn:aws:iam::{OWN}:role/app"
DOCUMENTED = sorted((Path(__file__).parent / "aws_documented").glob("*.json"))


def document(*statements: dict[str, Any]) -> PolicyDocument:
    whole = [{"Effect": "Allow", "Resource": "*", **statement} for statement in statements]
    return parse_policy_value({"Version": "2012-10-17", "Statement": whole})


def said(**statement: Any) -> str:
    return explain(document(statement), account=OWN).statements[0]


def line_of(principal: str, *statements: dict[str, Any]) -> AccessLine:
    found = {line.principal: line for line in explain(document(*statements), account=OWN).table}
    return found[principal]


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            {"Principal": {"AWS": ROOT}, "Action": "kms:*"},
            "This account, as far as its IAM policies allow it, may do everything with the key.",
        ),
        (
            {"Principal": {"AWS": [APP, "arn:aws:iam::444455556666:user/bob"]}, "Action": ["kms:Decrypt", "kms:Sign"]},
            "Role `app` and user `bob` of account 444455556666 may call Decrypt and Sign.",
        ),
        (
            {
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "kms:Decrypt",
                "Condition": {"StringEquals": {"aws:SourceAccount": OWN}},
            },
            f"The service sns.amazonaws.com may call Decrypt, if the service works for account `{OWN}`.",
        ),
        (
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["kms:ScheduleKeyDeletion", "kms:DisableKey"],
                "Condition": {"ArnNotEquals": {"aws:PrincipalArn": APP}},
            },
            (
                "Everybody may not call ScheduleKeyDeletion or DisableKey, "
                f"where `aws:PrincipalArn` does not fit `{APP}` or is absent."
            ),
        ),
        (
            {"Effect": "Deny", "Principal": {"AWS": ROOT}, "Action": "kms:*"},
            "Every identity of this account may do nothing with the key.",
        ),
        (
            {
                "Principal": {"AWS": APP},
                "Action": "kms:CreateGrant",
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
            "Role `app` may call CreateGrant, if an AWS service makes the grant for its own resource.",
        ),
        (
            {"Principal": {"AWS": "AROAIIAX3XXUTM7QXYZAB"}, "Action": "kms:Decrypt"},
            "`AROAIIAX3XXUTM7QXYZAB`, which is nobody, may call Decrypt.",
        ),
        (
            {
                "Principal": {"AWS": APP},
                "Action": "kms:Encrypt",
                "Condition": {"Null": {"kms:EncryptionContextKeys": "false"}},
            },
            "Role `app` may call Encrypt, if the request carries `kms:EncryptionContextKeys`.",
        ),
    ],
)
def test_a_statement_is_one_sentence(statement: dict[str, Any], sentence: str) -> None:
    assert said(**statement) == sentence


def test_a_statement_without_resource_is_said_to_have_no_effect() -> None:
    parsed = parse_policy_value({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt"}})
    (sentence,) = explain(parsed, account=OWN).statements
    assert sentence == "Everybody may not call Decrypt (no effect: it has no Resource)."


def test_a_role_that_is_named_can_use_and_one_that_is_not_needs_iam() -> None:
    statements = ({"Principal": {"AWS": ROOT}, "Action": "kms:*"}, {"Principal": {"AWS": APP}, "Action": "kms:Decrypt"})
    by_iam = "if allowed by IAM"
    assert line_of(APP, *statements) == AccessLine(APP, by_iam, "yes", by_iam, by_iam)
    anybody = f"any other identity of account {OWN}"
    assert line_of(anybody, *statements) == AccessLine(anybody, by_iam, by_iam, by_iam, by_iam)


def test_a_deny_takes_away_and_a_conditional_one_leaves_it_conditional() -> None:
    allow = {"Principal": {"AWS": APP}, "Action": "kms:*"}
    denied = {"Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion"}
    assert line_of(APP, allow, denied, {**denied, "Action": "kms:DeleteImportedKeyMaterial"}).delete == "no"
    without_mfa = {**denied, "Action": "kms:*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}
    assert line_of(APP, allow, without_mfa).delete == "conditional"


def test_a_condition_on_the_caller_itself_is_decided_and_not_left_open() -> None:
    durable = {
        "Principal": {"AWS": ROOT},
        "Action": "kms:Decrypt",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": APP}},
    }
    assert line_of(APP, durable).use == "if allowed by IAM"
    assert line_of(f"any other identity of account {OWN}", durable).use == "no"


def test_another_account_never_administers() -> None:
    other = "any other identity of account 444455556666"
    line = line_of(
        other,
        {"Principal": {"AWS": APP}, "Action": "kms:Sign"},
        {"Principal": {"AWS": "444455556666"}, "Action": "kms:*"},
    )
    assert (line.administer, line.use, line.grant, line.delete) == (
        "no",
        "if allowed by IAM",
        "if allowed by IAM",
        "no",
    )


@pytest.mark.parametrize("file", DOCUMENTED, ids=lambda file: file.stem)
def test_every_documented_policy_can_be_said_in_sentences(file: Path) -> None:
    parsed = parse_policy(file.read_text()).document
    explanation = explain(parsed, account=OWN)
    assert len(explanation.statements) == len(parsed.statements)
    assert all(text[0].isupper() and text.endswith(".") for text in explanation.statements if text[0] != "`")
    assert explanation.table
