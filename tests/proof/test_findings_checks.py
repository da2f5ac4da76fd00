"""Each check: its bad example has this fault and no other, its good one has none, and its page is current."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from keywright._internal.policy.parsing import parse_policy
from keywright._internal.proof.findings import Finding, find
from keywright._internal.proof.findings.check import Check, example_policy
from keywright._internal.proof.findings.page import page
from keywright._internal.proof.findings.registry import CHECKS

PAGE = Path(__file__).parents[2] / "docs" / "findings.md"


def found_in(example: str) -> tuple[Finding, ...]:
    policy = parse_policy(example_policy(example))
    return find(policy, key_spec="SYMMETRIC_DEFAULT", key_usage="ENCRYPT_DECRYPT")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_bad_example_has_this_fault_and_no_other(check: Check) -> None:
    assert {finding.id for finding in found_in(check.bad)} == {check.id}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_the_good_example_has_no_fault(check: Check) -> None:
    assert not found_in(check.good)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_finding_stands_on_a_line_of_its_policy_and_says_what_to_do(check: Check) -> None:
    for finding in found_in(check.bad):
        assert finding.location is not None
        assert finding.location.line <= example_policy(check.bad).count("\n") + 1
        assert finding.remedy
        assert not finding.message.endswith(".")
        assert finding.documentation == f"docs/findings.md#{check.id.lower()}"


def test_ids_and_names_are_each_check_s_own() -> None:
    assert len({check.id for check in CHECKS}) == len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(re.fullmatch(r"KW[1-6]\d\d", check.id) for check in CHECKS)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", check.name) for check in CHECKS)


def test_the_page_of_documentation_is_current() -> None:
    assert PAGE.read_text() == page(), "write it with `keywright policy findings --markdown > docs/findings.md`"
