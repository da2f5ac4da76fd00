"""Policies in words: the sentence of each statement, and the table of who can do what."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import atoms_policies
import pytest
from atoms_policies import ACCOUNT, BOB, POLICIES, requests
from hypothesis import HealthCheck, given, settings
from random_policies import random_policy

from keywright._internal.model.key import Key
from keywright._internal.model.stack import Stack
from keywright._internal.policy.document import PolicyDocument, as_json
from keywright._internal.policy.parsing import parse_policy, parse_policy_value
from keywright._internal.policy.stack_policies import stack_policies
from keywright._internal.proof.claims.declared import prove_key, prove_policy
from keywright._internal.proof.claims.result import Verdict
from keywright._internal.proof.difference.access_levels import ACTIONS, PERHAPS_MORE
from keywright._internal.proof.difference.access_table import AccessLine, access_table
from keywright._internal.proof.difference.explanation import explain, explain_declared
from keywright._internal.proof.evaluation.evaluator import evaluate
from keywright._internal.proof.search.witnesses import ALLOW_ALL

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
            (
                "The service sns.amazonaws.com may call Decrypt, "
                f"if the service works for account `{OWN}` (`aws:SourceAccount`)."
            ),
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
            (
                "Role `app` may call CreateGrant, if an AWS service makes the grant for its own resource "
                "(`kms:GrantIsForAWSResource`)."
            ),
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


def test_what_a_statement_gives_by_name_under_a_condition_is_told_from_what_iam_may_give() -> None:
    through = {"StringEquals": {"kms:viaservice": "s3.us-east-1.amazonaws.com"}}
    root = {"Principal": {"AWS": ROOT}, "Action": "kms:*"}
    by_name = {"Principal": {"AWS": APP}, "Action": "kms:Decrypt", "Condition": through}
    by_account = {**by_name, "Principal": {"AWS": ROOT}}
    assert line_of(APP, by_name).use == "conditional"
    assert line_of(APP, root, by_name).use == "conditional, or if allowed by IAM"
    assert line_of(f"any identity of account {OWN}", by_account).use == "conditional, if allowed by IAM"


def test_conditions_are_named_in_words_and_as_aws_spells_them() -> None:
    through = {"StringEquals": {"kms:viaservice": "s3.us-east-1.amazonaws.com"}}
    without_mfa = {"BoolIfExists": {"AWS:MULTIFACTORAUTHPRESENT": "false"}}
    line = line_of(
        APP,
        {"Principal": {"AWS": APP}, "Action": "kms:Decrypt", "Condition": through},
        {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Condition": without_mfa},
    )
    assert line.conditions == (
        "if the call comes through `s3.us-east-1.amazonaws.com` (`kms:ViaService`)",
        "except where `aws:MultiFactorAuthPresent` is `false` or is absent",
    )


def test_a_permission_set_has_a_line_under_its_name() -> None:
    key = Key(region="us-east-1", account=OWN, key_user_arns=("permission_set:Data",), key_administrator_arns=(APP,))
    (policy,) = stack_policies(Stack(name="s", keys={"a": key}))
    lines = {line.principal: line.use for line in explain_declared(policy).table}
    assert lines[f"permission set Data of account {OWN}"] == "if allowed by IAM"


def test_the_root_user_has_a_line_where_he_can_do_what_others_cannot() -> None:
    statement = {"Principal": {"AWS": ROOT}, "Action": "kms:*", "Condition": {"ArnEquals": {"aws:PrincipalArn": ROOT}}}
    lines = {line.principal: line.administer for line in explain(document(statement), account=OWN).table}
    assert lines[f"the root user of account {OWN}"] == "yes"
    assert lines[f"any identity of account {OWN}"] == "no"


@given(policy=POLICIES)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_table_says_what_every_request_is_decided_to(policy: PolicyDocument) -> None:
    lines = {line.principal: line for line in access_table(policy, ACCOUNT, region="eu-west-1")}
    alone: dict[tuple[str, str], list[bool]] = {}
    with_sessions: dict[tuple[str, str], list[bool]] = {}
    with_iam: dict[tuple[str, str], list[bool]] = {}
    for request in requests(policy):
        duty = next((name for name, actions in ACTIONS.items() if request.action in actions), None)
        if duty is None:
            continue
        directly = evaluate(policy, request).allowed
        by_iam = evaluate(policy, request, identity_policies=[ALLOW_ALL]).allowed
        alone.setdefault((request.caller.arn, request.action), []).append(directly)
        for whole in {request.caller.arn, atoms_policies.APP if request.caller.session else request.caller.arn}:
            with_sessions.setdefault((whole, duty), []).append(directly)
            with_iam.setdefault((whole, duty), []).append(by_iam)
    for (caller, action), decided in alone.items():
        duty = next(name for name, actions in ACTIONS.items() if action in actions)
        level = getattr(lines[caller], duty) if caller in lines else "unknown"
        if level == "unknown" or PERHAPS_MORE in lines[caller].conditions:
            continue
        some = any(with_sessions[caller, duty])
        assert not (some and level in {"no", "if allowed by IAM", "conditional, if allowed by IAM"})
        assert not (all(decided) and level != "yes")
        assert not (any(with_iam[caller, duty]) and level == "no")
        if duty == "grant":
            assert (level == "yes") is all(decided)
            assert (level in {"yes", "conditional", "conditional, or if allowed by IAM"}) is some


@pytest.mark.parametrize("claim", ["cannot [{}] directly", "cannot [{}]"])
@given(policy=POLICIES)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_table_and_the_claims_give_one_answer(claim: str, policy: PolicyDocument) -> None:
    of_a_key = Key(region="eu-west-1", account=ACCOUNT, policy=as_json(policy), key_user_arns=(BOB,))
    (declared,) = stack_policies(Stack(name="s", keys={"a": of_a_key}))
    (line,) = (line for line in explain_declared(declared).table if line.principal == BOB)
    actions = ", ".join(sorted(ACTIONS["use"]))
    results = prove_key(of_a_key, declared.location, policy, claims=[f"{BOB} {claim.format(actions)}"])
    verdict = next(item.verdict for item in results if item.id == "claim-1")
    by_iam = {"if allowed by IAM", "conditional, if allowed by IAM"}
    denied = {"no", *by_iam} if claim.endswith("directly") else {"no"}
    if line.use != "unknown" and verdict is not Verdict.UNKNOWN:
        assert (verdict is Verdict.PROVED) is (line.use in denied)


def test_a_role_that_can_do_something_in_one_session_alone_is_said_to() -> None:
    session = f"arn:aws:sts::{OWN}:assumed-role/app/s1"
    line = line_of(
        APP, {"Principal": {"AWS": APP}, "Action": "kms:Sign"}, {"Principal": {"AWS": session}, "Action": "kms:*"}
    )
    assert (line.administer, line.use) == ("conditional", "yes")
    assert line.conditions == ("if it is the session `s1`",)


@pytest.mark.parametrize("seed", range(40))
def test_the_table_and_the_claims_give_one_answer_on_foreign_policies(seed: int) -> None:
    policy = parse_policy_value(random_policy(random.Random(f"table {seed}")))
    actions = ", ".join(sorted(ACTIONS["use"]))
    for line in explain(policy, account=OWN, region="eu-west-1").table:
        if not re.fullmatch(r"arn:aws:iam::[0-9]{12}:(role|user)/.*", line.principal):
            continue
        claims = [f"{line.principal} cannot [{actions}] directly", f"{line.principal} cannot [{actions}]"]
        *_, directly, at_all = prove_policy(policy, OWN, claims=claims, region="eu-west-1")
        by_iam = {"if allowed by IAM", "conditional, if allowed by IAM"}
        if line.use == "unknown":
            assert at_all.verdict is not Verdict.PROVED
            continue
        if directly.verdict is not Verdict.UNKNOWN:
            assert (directly.verdict is Verdict.PROVED) is (line.use in {"no", *by_iam})
        if at_all.verdict is not Verdict.UNKNOWN:
            assert (at_all.verdict is Verdict.PROVED) is (line.use == "no")


@pytest.mark.parametrize("file", DOCUMENTED, ids=lambda file: file.stem)
def test_every_documented_policy_can_be_said_in_sentences(file: Path) -> None:
    parsed = parse_policy(file.read_text()).document
    explanation = explain(parsed, account=OWN)
    assert len(explanation.statements) == len(parsed.statements)
    assert all(text[0].isupper() and text.endswith(".") for text in explanation.statements if text[0] != "`")
    assert explanation.table
