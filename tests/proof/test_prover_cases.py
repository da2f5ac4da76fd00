"""Answers that were wrong once, each with a request that shows it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from keywright._internal.policy.parsing import parse_policy_value
from keywright._internal.proof.claims.declared import prove_policy
from keywright._internal.proof.evaluation.evaluator import evaluate

ACCOUNT = "111122223333"
ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}
CASES = json.loads((Path(__file__).parent / "cases" / "prover.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_an_answer_holds_against_the_request_that_once_contradicted_it(case: dict[str, Any]) -> None:
    policy = parse_policy_value(case["policy"])
    built_in = re.fullmatch(r"[a-z-]+", case["claim"])
    claims = [] if built_in else [case["claim"]]
    results = prove_policy(policy, ACCOUNT, claims=claims, **case.get("options", {}))
    result = next(item for item in results if item.id == (case["claim"] if built_in else "claim-1"))
    assert result.verdict == case["expected"], result.reason
    if "allowed" in case:
        person = case["allowed"]["principal"].startswith("arn:")
        assert evaluate(policy, case["allowed"], identity_policies=[ALLOW_ALL] if person else []).allowed
