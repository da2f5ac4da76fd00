"""Results of claims that are remembered say what new ones say, and what shows one is decided again."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest
from random_policies import OWN, random_policy

from chance import fresh_seed
from keywright._internal.policy.document import PolicyDocument
from keywright._internal.policy.parsing import parse_policy_value
from keywright._internal.proof.claims.declared import prove_policy
from keywright._internal.proof.claims.remembered import read_results, remembered, write_results
from keywright._internal.proof.claims.result import ClaimResult, Verdict
from keywright.errors import InvalidPolicy


class Noted(dict[tuple[object, ...], str]):
    """A memory for one test."""

    def recall(self, inputs: tuple[object, ...]) -> str | None:
        return self.get(inputs)

    def keep(self, inputs: tuple[object, ...], text: str) -> None:
        self[inputs] = text


def _never() -> tuple[ClaimResult, ...]:
    raise AssertionError("proved anew")


def _refuting() -> tuple[PolicyDocument, tuple[ClaimResult, ...]]:
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    document = parse_policy_value({"Version": "2012-10-17", "Statement": [everybody]})
    results = prove_policy(document, OWN)
    assert any(item.verdict is Verdict.REFUTED and item.witness for item in results)
    return document, results


def test_remembered_results_equal_new_ones_on_random_policies() -> None:
    chance, seen = random.Random(fresh_seed()), Counter[str]()
    for _ in range(60):
        try:
            document = parse_policy_value(random_policy(chance))
        except InvalidPolicy:
            continue
        results = prove_policy(document, OWN)
        memory = Noted()
        assert remembered(memory, ("it",), document, lambda results=results: results) == results  # type: ignore[misc]
        seen.update("kept" if memory else item.verdict.value for item in results)
        if memory:
            again = remembered(memory, ("it",), document, _never)
            assert [item.as_document() for item in again] == [item.as_document() for item in results]
            assert [item.witness and item.witness.decision for item in again] == [
                item.witness and item.witness.decision for item in results
            ]
    assert seen["kept"], "or this has shown nothing"


def test_a_refuted_claim_keeps_the_request_that_breaks_it() -> None:
    document, results = _refuting()
    memory = Noted()
    remembered(memory, ("it",), document, lambda: results)
    again = remembered(memory, ("it",), document, _never)
    assert [item.witness and item.witness.as_document() for item in again] == [
        item.witness and item.witness.as_document() for item in results
    ]


def test_what_is_unknown_is_looked_into_each_time() -> None:
    document, (first, *rest) = _refuting()
    unknown = ClaimResult(first.id, first.claim, Verdict.UNKNOWN, "too many values")
    memory = Noted()
    remembered(memory, ("it",), document, lambda: (unknown, *rest))
    assert not memory


def _changed(change: str) -> str:
    _, results = _refuting()
    rows: list[dict[str, Any]] = json.loads(write_results(results) or "")
    row = next(item for item in rows if item["verdict"] == "REFUTED" and item["witness"])
    match change:
        case "another outcome":
            row["witness"]["outcome"] = "implicitly denied"
        case "another action":
            row["witness"]["request"]["action"] = "s3:GetObject"
        case "no request":
            row["witness"]["request"] = {}
        case "a verdict there is not":
            row["verdict"] = "SURE"
        case "a field less":
            del row["reason"]
    return json.dumps(rows)


@pytest.mark.parametrize(
    "change", ["another outcome", "another action", "no request", "a verdict there is not", "a field less"]
)
def test_a_text_that_was_changed_is_not_believed(change: str) -> None:
    document, _ = _refuting()
    assert read_results(_changed(change), document) is None
    assert read_results(_changed("nothing"), document) is not None


@pytest.mark.parametrize("text", ["", "{}x", "7", "[7]", '[{"id": "x"}]'])
def test_a_text_that_holds_no_results_is_none(text: str) -> None:
    assert read_results(text, _refuting()[0]) is None
