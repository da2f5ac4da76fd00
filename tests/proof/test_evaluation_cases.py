"""The numbered cases of the semantics, each decided as a line of a batch and as documents given to the library."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from keywright import evaluate
from keywright._internal.proof.evaluation.batch import answer_all

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parent / "cases" / "semantics.json").read_text())
DECIDED = [case for case in CASES if case["expected"] != "error"]
NUMBERS = 78
AROUND = (
    "identity_policies",
    "service_control_policies",
    "resource_control_policies",
    "permissions_boundary",
    "session_policy",
    "grants",
)


def named(case: dict[str, Any]) -> str:
    return f"{case['id']} {case['name']}"


def decided(case: dict[str, Any]) -> str:
    around = {name: case[name] for name in AROUND if case.get(name) is not None}
    return evaluate(case.get("policy"), case["request"], **around).outcome.value


def test_every_numbered_case_is_there() -> None:
    assert {int(case["id"].rstrip("abc")) for case in CASES} == set(range(1, NUMBERS + 1))


@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_batch_answers_the_case_as_the_semantics_say(case: dict[str, Any]) -> None:
    (answer,) = answer_all([json.dumps(case)])
    document = answer.as_document()
    assert document["id"] == case["id"]
    assert ("error" if "error" in document else document["decision"]) == case["expected"], document


@pytest.mark.parametrize("case", DECIDED, ids=named)
def test_the_library_decides_the_documents_of_a_case_as_the_semantics_say(case: dict[str, Any]) -> None:
    assert decided(case) == case["expected"]
