"""What a proved sentence assumes is said beside it: the sentence is true as it stands."""

from __future__ import annotations

import pytest

from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.document import Condition, PolicyDocument, Principal, Statement
from keywright._internal.policy.generation import key_policy
from keywright._internal.proof.claims.declared import prove_key, prove_policy
from keywright._internal.proof.claims.result import ClaimResult, Verdict

ACCOUNT = "111122223333"
HOME = KeyLocation("aws", ACCOUNT, "eu-west-1")
ADMIN, APP = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("admin", "app"))
BY_IAM = "by this policy alone; the account's IAM policies may still allow it: `AccountRoot`"


def of_key(key: Key) -> dict[str, ClaimResult]:
    return {item.id: item for item in prove_key(key, HOME, key_policy(key, HOME))}


def of_root(*conditions: Condition, claims: tuple[str, ...] = ()) -> dict[str, ClaimResult]:
    root = Statement("Allow", (Principal("AWS", ACCOUNT),), ("kms:*",), conditions=conditions, sid="Root")
    return {item.id: item for item in prove_policy(PolicyDocument((root,)), ACCOUNT, claims=claims)}


def test_what_the_root_statement_leaves_to_iam_is_said_wherever_it_is_not_counted() -> None:
    results = of_key(Key(key_administrator_arns=(ADMIN,), key_user_arns=(APP,)))
    for name in ("administrators-cannot-use", "users-cannot-administer", "only-named-principals-use"):
        assert results[name].verdict is Verdict.PROVED
        assert results[name].assuming.startswith(BY_IAM)
        assert results[name].as_document()["assuming"] == results[name].assuming


def test_without_the_root_statement_there_is_no_such_assumption() -> None:
    results = of_key(Key(key_administrator_arns=(ADMIN,), key_user_arns=(APP,), enable_default_root_policy=False))
    assert results["administrators-cannot-use"].assuming == "no grant on the key allows it"
    assert results["users-cannot-administer"].as_document()["assuming"] is None


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ((), "no other policy denies it"),
        ((Condition("Bool", "aws:MultiFactorAuthPresent", ("true",)),), "only with MFA; "),
        ((Condition("StringEquals", "aws:SourceVpce", ("vpce-1a",)),), "only through the VPC endpoint vpce-1a; "),
        ((Condition("IpAddress", "aws:SourceIp", ("203.0.113.0/24",)),), "only from an address such as 203.0.113.0; "),
        ((Condition("StringEquals", "aws:PrincipalTag/Team", ("ops",)),), "only where aws:PrincipalTag/team is ops; "),
        ((Condition("StringEquals", "aws:PrincipalTag/Team", ("",)),), 'only where aws:PrincipalTag/team is ""; '),
        (
            (Condition("DateGreaterThan", "aws:CurrentTime", ("2030-01-01T00:00:00Z",)),),
            "only after the dates that the policy names; ",
        ),
    ],
)
def test_the_conditions_under_which_a_policy_stays_changeable_are_named(
    conditions: tuple[Condition, ...], said: str
) -> None:
    result = of_root(*conditions)["policy-stays-changeable"]
    assert result.verdict is Verdict.PROVED
    assert result.assuming.startswith(said)
    assert of_root(*conditions)["survives-loss-of-any-principal"].assuming == result.assuming
    assert result.witness is not None
    assert result.witness.decision.allowed


def test_a_claim_by_the_key_policy_alone_says_what_it_leaves_to_iam() -> None:
    results = of_root(claims=("role App cannot kms:Decrypt directly", "role App cannot kms:Decrypt"))
    assert results["claim-1"].verdict is Verdict.PROVED
    assert "the account's IAM policies may still allow it: `Root`" in results["claim-1"].assuming
    assert results["claim-2"].verdict is Verdict.REFUTED


def test_what_is_not_proved_assumes_nothing() -> None:
    for result in of_root(claims=("nobody can kms:Decrypt", "role App can kms:Decrypt")).values():
        assert result.verdict is Verdict.PROVED or not result.assuming
