"""Reading a batch: lenient where only one meaning is possible, an error instead of a guess everywhere else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keywright._internal.proof.evaluation.batch import answer_all

KEY = "arn:aws:kms:eu-west-1:111122223333:key/K"
APP = "arn:aws:iam::111122223333:role/App"
ALLOW = {"Effect": "Allow", "Principal": {"AWS": APP}, "Action": "kms:Decrypt", "Resource": "*"}


def case(request: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    asked = {"principal": APP, "action": "kms:Decrypt", "resource": KEY, "context": {}, **(request or {})}
    policy = {"Version": "2012-10-17", "Statement": [ALLOW]}
    return {"id": "x", "policy": policy, "request": asked, "identity_policies": [], **members}


IDENTITY = {"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}


def without_resource(action: str) -> dict[str, Any]:
    given = case({"action": action}, identity_policies=[IDENTITY])
    del given["request"]["resource"]
    return given


def answer(given: dict[str, Any] | str) -> dict[str, Any]:
    line = given if isinstance(given, str) else json.dumps(given)
    (found,) = answer_all([line])
    return found.as_document()


@pytest.mark.parametrize(
    "given",
    [
        case(),
        case(identity_policies=None),
        case({"principal": {"AWS": APP}}),
        case({"principal": "arn:aws:sts::111122223333:assumed-role/App/session"}),
        case({"action": "KMS:DECRYPT"}),
        case({"context": None}),
        case({"context": {"AWS:PrincipalOrgId": None}}),
        case(
            {"context": {"aws:PrincipalTag/a": ["x"], "kms:GrantIsForAWSResource": True, "aws:MultiFactorAuthAge": 5}}
        ),
        case(policy=json.dumps({"Statement": ALLOW})),
        case(policy={"Statement": ALLOW}),
        case(
            policy={"Statement": {**ALLOW, "Principal": {"AWS": "111122223333"}}},
            identity_policies=[
                {"name": "a", "policy": {"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}}
            ],
        ),
        case(name="remarks don't count", expected="Allowed"),
    ],
)
def test_what_has_one_meaning_is_understood(given: dict[str, Any]) -> None:
    assert answer(given)["decision"] == "Allowed"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("[]", "a case is a JSON object"),
        ('{"id": 1', "not JSON"),
        ('{"id": 1, "id": 2}', "more than once"),
        ("{} {}", "something follows the case"),
        ({"id": 1}, "has a `request`"),
        ({k: v for k, v in case().items() if k != "policy"}, "has a `policy`"),
        ({k: v for k, v in case().items() if k != "id"}, "has an `id`"),
        (case(polices=[]), "`polices` is no part of a case"),
        (case({"principal": "arn:aws:iam::111122223333:role/*"}), "is no caller"),
        (case({"principal": {"AWS": "sns.amazonaws.com"}}), "a string"),
        (case({"action": "s3:GetObject"}), "is no KMS action"),
        (case({"action": "kms:Decrypt*"}), "is no KMS action"),
        (case({"resource": "K"}), "is no key ARN"),
        (case({"resource": "arn:aws:kms:eu-west-1:111122223333:alias/k"}), "names an alias"),
        (case({"context": {"aws:SourceIp": {}}}), "has a string, number or boolean"),
        (case({"context": {"aws:SourceIp": "1.1.1.1", "aws:sourceip": "1.1.1.2"}}), "stands twice"),
        (case({"when": "now"}), "is no part of a request"),
        (case(policy={"Statement": {**ALLOW, "NotAction": "kms:Encrypt"}}), "both `Action` and `NotAction`"),
        (case(policy={"Statement": {**ALLOW, "Effect": "allow"}}), "is no effect"),
        (case(policy={"Version": "2012-10-18", "Statement": ALLOW}), "is no policy version"),
        (case(policy={"Statement": {**ALLOW, "Condition": {"StringIs": {"a:b": "c"}}}}), "is no condition operator"),
        (case(policy={"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}), "names no `Principal`"),
        (case(identity_policies=[{"Statement": ALLOW}]), "has no `Principal`"),
        (case(identity_policies={}), "is a list"),
    ],
)
def test_what_is_not_understood_is_an_error_and_never_a_decision(given: dict[str, Any] | str, message: str) -> None:
    document = answer(given)
    assert set(document) == {"id", "error"}
    assert message in document["error"]


def test_a_list_of_one_is_the_same_as_the_one_in_it() -> None:
    assert answer(case({"principal": {"AWS": [APP]}}))["decision"] == "Allowed"
    delegating = {"Statement": {**ALLOW, "Principal": {"AWS": "111122223333"}}}
    assert answer(case(policy=delegating, identity_policies=IDENTITY))["decision"] == "Allowed"


def test_an_action_on_no_key_needs_no_resource_and_one_on_a_key_does() -> None:
    assert answer(without_resource("kms:ListKeys"))["decision"] == "Allowed"
    assert "has a `resource`" in answer(without_resource("kms:Decrypt"))["error"]


def test_an_error_carries_the_case_s_id_where_it_can_be_read() -> None:
    assert answer(case({"action": "no"}, id={"n": [1]}))["id"] == {"n": [1]}
    assert answer("no JSON")["id"] is None


def test_a_duplicate_inside_a_policy_is_seen() -> None:
    line = json.dumps(case()).replace('"Action": "kms:Decrypt"', '"Action": "kms:Encrypt", "Action": "kms:Decrypt"')
    assert "more than once" in answer(line)["error"]


def test_answers_keep_the_order_and_blank_lines_are_passed_over() -> None:
    lines = ["", *(json.dumps(case(id=number)) + "\r\n" for number in range(50)), "  "]
    assert [found.id for found in answer_all(lines)] == list(range(50))


def test_a_statement_without_a_sid_is_named_by_its_place() -> None:
    assert answer(case())["statements"] == ["statement[0]"]
    named = case(policy={"Statement": [{**ALLOW, "Sid": "Use"}, {**ALLOW, "Effect": "Deny", "Sid": "Never"}]})
    assert answer(named) == {"id": "x", "decision": "ExplicitlyDenied", "statements": ["Never"]}
