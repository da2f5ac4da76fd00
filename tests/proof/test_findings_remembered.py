"""Findings that are remembered are those that were found, of the file that the policy stands in now."""

from __future__ import annotations

import json
import random

import pytest
from random_policies import random_policy

from chance import fresh_seed
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.proof.findings import find
from keywright._internal.proof.findings.finding import Finding
from keywright._internal.proof.findings.remembered import read_findings, remembered, write_findings
from keywright.errors import InvalidPolicy


def _found(file: str) -> tuple[Finding, ...]:
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [everybody]}, indent=2)
    findings = find(parse_policy(text, file=file))
    assert any(item.location for item in findings)
    return findings


def test_remembered_findings_equal_new_ones_on_random_policies() -> None:
    chance, seen = random.Random(fresh_seed()), 0
    for _ in range(60):
        try:
            parsed = parse_policy(json.dumps(random_policy(chance), indent=2), file="policy.json")
        except InvalidPolicy:
            continue
        findings = find(parsed)
        seen += len(findings)
        assert read_findings(write_findings(findings), "policy.json") == findings
    assert seen, "or this has shown nothing"


def test_they_are_found_once_and_stand_in_the_file_of_today() -> None:
    memory: dict[tuple[object, ...], str] = {}

    class Noted:
        recall = staticmethod(memory.get)
        keep = staticmethod(memory.__setitem__)

    def never() -> tuple[Finding, ...]:
        raise AssertionError("looked for anew")

    assert remembered(Noted(), ("it",), "old.json", lambda: _found("old.json")) == _found("old.json")
    assert remembered(Noted(), ("it",), "new.json", never) == _found("new.json")


@pytest.mark.parametrize("text", ["", "{}x", "7", "[7]", '[{"id": "x"}]', '[{"location": 3, "path": []}]'])
def test_a_text_that_holds_no_findings_is_none(text: str) -> None:
    assert read_findings(text, "policy.json") is None
