"""The compiled form with grants, and its memory: the reference's decisions, from a bounded store."""

from __future__ import annotations

import random
from typing import Any

import pytest

from keywright._internal.policy.parsing import parse_policy_value
from keywright._internal.proof.evaluation import compiled_policy as bulk
from keywright._internal.proof.evaluation.compiled_policy import BulkEvaluator
from keywright._internal.proof.evaluation.evaluator import evaluate
from keywright._internal.proof.evaluation.grants import Grant
from keywright._internal.proof.evaluation.request import Request

OWN = "111122223333"
KEY = f"arn:aws:kms:eu-west-1:{OWN}:key/K"
CALLERS = (
    f"arn:aws:iam::{OWN}:role/App",
    f"arn:aws:sts::{OWN}:assumed-role/App/s1",
    f"arn:aws:iam::{OWN}:user/Bob",
    f"arn:aws:iam::{OWN}:root",
    "arn:aws:iam::444455556666:role/Ext",
)
OPERATIONS = ("Decrypt", "Encrypt", "CreateGrant", "RetireGrant", "DescribeKey")
CONTEXTS: tuple[dict[str, Any], ...] = (
    {},
    {"kms:EncryptionContext:a": "1"},
    {"kms:EncryptionContext:A": "1"},
    {
        "kms:EncryptionContext:a": "1",
        "kms:EncryptionContext:b": "2",
        "kms:GrantConstraintType": "EncryptionContextEquals",
    },
    {"kms:GrantOperations": ["Decrypt"], "kms:GrantConstraintType": "EncryptionContextEquals"},
)


def some_grant(chance: random.Random) -> Grant:
    body: dict[str, Any] = {
        "GranteePrincipal": chance.choice(CALLERS),
        "Operations": chance.sample(OPERATIONS, 3),
        "IssuingAccount": f"arn:aws:iam::{OWN}:root",
    }
    if chance.random() < 0.5:
        kind = chance.choice(("EncryptionContextEquals", "EncryptionContextSubset"))
        body["Constraints"] = {kind: {"a": "1"}}
    if chance.random() < 0.3:
        body["RetiringPrincipal"] = chance.choice(CALLERS)
    return Grant.from_document(body)


@pytest.mark.parametrize("seed", range(60))
def test_the_compiled_form_decides_as_the_reference_does_with_grants(seed: int) -> None:
    chance = random.Random(seed)
    statements = [
        {
            "Effect": chance.choice(("Allow", "Allow", "Deny")),
            "Principal": {"AWS": chance.choice(CALLERS)},
            "Resource": "*",
        }
        | {"Action": [f"kms:{name}" for name in chance.sample(OPERATIONS, 2)]}
        for _ in range(chance.randrange(1, 4))
    ]
    policy = parse_policy_value({"Version": "2012-10-17", "Statement": statements})
    everything = parse_policy_value({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, kind="identity")
    around: dict[str, Any] = {
        "grants": [some_grant(chance) for _ in range(3)],
        "identity_policies": [everything] if chance.random() < 0.5 else [],
    }
    evaluator = BulkEvaluator(policy, **around)
    for _ in range(20):
        request = Request.from_document(
            {
                "principal": chance.choice(CALLERS),
                "action": f"kms:{chance.choice(OPERATIONS)}",
                "resource": KEY,
                "context": chance.choice(CONTEXTS),
            }
        )
        decision = evaluate(policy, request, **around)
        verdict = evaluator.decide(request)
        assert (verdict.outcome, verdict.path, verdict.reason, verdict.undecided) == (
            decision.outcome,
            decision.path,
            decision.reason,
            decision.undecided,
        )


def test_what_is_remembered_is_bounded_and_forgetting_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_REMEMBERED", 3)
    policy = parse_policy_value(
        {
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{OWN}:role/r7"},
                "Action": "*",
                "Resource": "*",
            }
        }
    )
    evaluator = BulkEvaluator(policy)
    for _ in range(2):
        allowed = [
            number
            for number in range(20)
            if evaluator.decide(
                Request.from_document(
                    {"principal": f"arn:aws:iam::{OWN}:role/r{number}", "action": "kms:Decrypt", "resource": KEY}
                )
            ).outcome
            == "Allowed"
        ]
        assert allowed == [7]
