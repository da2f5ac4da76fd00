"""What is wrong with a key's policies, reported on the file's line with everything else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keywright._internal.keysfile.stack import load_stack
from keywright.errors import InputError, Problem

STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}


def problems_of(folder: Path, keys: str) -> dict[str, Problem]:
    file = folder / "keys.yaml"
    file.write_text(f"stack: s\nregion: us-east-1\nkeys:\n{keys}")
    with pytest.raises(InputError) as caught:
        load_stack(file)
    return {item.field: item for item in caught.value.problems}


def with_policy(policy: object) -> str:
    text = policy if isinstance(policy, str) else json.dumps(policy, ensure_ascii=False)
    return f"  a:\n    policy: {json.dumps(text, ensure_ascii=False)}\n"


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("", "not JSON"),
        ("x", "not JSON"),
        ("[]", "JSON object"),
        ({"Statement": []}, "without statements"),
        ({"Statement": [{**STATEMENT, "Effect": "Permit"}]}, "`Statement[0].Effect`"),
        ({"Statement": [{**STATEMENT, "Sid": "x" * 33_000}]}, "KMS takes 32,768"),
        ({"Statement": [{**STATEMENT, "Sid": "a\u2013b"}]}, "character"),
    ],
)
def test_a_whole_policy_must_be_one_that_kms_takes(tmp_path: Path, policy: object, words: str) -> None:
    problem = problems_of(tmp_path, with_policy(policy))["keys.a.policy"]
    assert words in problem.message
    assert problem.location is not None
    assert problem.location.line == 5


def test_a_whole_policy_of_a_replica_is_held_to_the_same(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "  a: {multi_region: true, replica_regions: {eu-west-1: {policy: x}}}\n")
    assert list(found) == ["keys.a.replica_regions.eu-west-1.policy"]


def test_the_problem_of_a_policy_says_where_in_it(tmp_path: Path) -> None:
    found = problems_of(tmp_path, '  a:\n    policy: |\n      {"Statement":\n        [5]}\n')
    assert "line 2" in found["keys.a.policy"].message


@pytest.mark.parametrize(
    ("use", "field", "words"),
    [
        ("cloudtral", "name", "did you mean `cloudtrail`"),
        ("cloudtrail", "parameters.trail_arns", "ARNs of the trails"),
        ("{name: ebs, parameters: {nope: x}}", "parameters.nope", ""),
        ("{name: cloudtrail, parameters: {trail_arns: [x, y]}}", "parameters.trail_arns[1]", "ARNs of the trails"),
        ("{name: minimum-waiting-window, parameters: {days: 50}}", "parameters.days", "give"),
        ("route53-dnssec", "name", "another key"),
    ],
)
def test_a_wrong_use_of_a_pattern_is_shown_at_the_parameter(tmp_path: Path, use: str, field: str, words: str) -> None:
    problem = problems_of(tmp_path, f"  a:\n    patterns:\n      - {use}\n")[f"keys.a.patterns[0].{field}"]
    assert words in problem.remedy
    assert problem.location is not None
    assert problem.location.line == 6


@pytest.mark.parametrize(
    ("use", "field", "remedy"),
    [
        ("{cloudtrail: {}}", "", "write `{name: cloudtrail, parameters: {…}}`"),
        ("{name: ebs, days: 5}", ".days", "write `parameters: {days: …}`"),
        ("[ebs]", "", "write"),
    ],
)
def test_another_form_of_a_pattern_gets_the_right_one(tmp_path: Path, use: str, field: str, remedy: str) -> None:
    assert remedy in problems_of(tmp_path, f"  a: {{patterns: [{use}]}}\n")[f"keys.a.patterns[0]{field}"].remedy


def test_a_pattern_and_a_field_that_are_wrong_are_reported_together(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "  a: {patterns: [cloudtrail], is_enabled: 5}\n")
    assert set(found) == {"keys.a.patterns[0].parameters.trail_arns", "keys.a.is_enabled"}


def test_a_generated_policy_that_is_too_large_is_found_before_any_call(tmp_path: Path) -> None:
    roles = ", ".join(f"'arn:aws:iam::111122223333:role/{'x' * 50}{number}'" for number in range(400))
    problem = problems_of(tmp_path, f"  a: {{key_user_arns: [{roles}]}}\n")["keys.a.key_user_arns"]
    assert "KMS takes 32,768" in problem.message
