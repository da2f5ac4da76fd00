"""The numbered cases of the semantics, each decided by the batch reader, by the reference and by its bulk form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keywright._internal.policy.parsing import parse_identity_policy, parse_policy_value
from keywright._internal.proof.evaluation.batch import answer_all
from keywright._internal.proof.evaluation.evaluator import evaluate
from keywright._internal.proof.evaluation.grants import Grant
from keywright._internal.proof.evaluation.request import Request

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "semantics.json").read_text())
DECIDED = [case for case in CASES if case["expected"] != "error"]
NUMBERS = 78


def named(case: dict[str, Any]) -> str:
    return f"{case['id']} {case['name']}"


def reference(case: dict[str, Any]) -> str:
    def identity(value: Any) -> Any:
        return None if value is None else parse_identity_policy(json.dumps(value)).document

    decision = evaluate(
        parse_policy_value(case["policy"]),
        Request.from_document(case["request"]),
        identity_policies=[identity(item) for item in case.get("identity_policies", ())],
        service_control_policies=[identity(item) for item in case.get("service_control_policies", ())],
        resource_control_policies=[parse_policy_value(item) for item in case.get("resource_control_policies", ())],
        permissions_boundary=identity(case.get("permissions_boundary")),
        session_policy=identity(case.get("session_policy")),
        grants=[Grant.from_document(item) for item in case.get("grants", ())],
    )
    return decision.outcome.value


def test_every_numbered_case_is_there() -> None:
    assert {int(case["id"].rstrip("abc")) for case in CASES} == set(range(1, NUMBERS + 1))


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_batch_answers_the_case_as_the_semantics_say(case: dict[str, Any]) -> None:
    (answer,) = answer_all([json.dumps(case)])
    document = answer.as_document()
    assert document["id"] == case["id"]
    assert ("error" if "error" in document else document["decision"]) == case["expected"], document


@pytest.mark.parametrize("case", DECIDED, ids=named)
def test_the_reference_decides_the_case_as_the_semantics_say(case: dict[str, Any]) -> None:
    assert reference(case) == case["expected"]
