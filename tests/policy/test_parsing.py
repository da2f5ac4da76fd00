"""What is read as a policy, and what is refused with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.document import Condition, Principal, as_json
from keywright._internal.policy.generation import key_policy
from keywright._internal.policy.parsing import parse_policy
from keywright.errors import InputError

HOME = KeyLocation("aws", "111122223333", "us-east-1")
USERS = [f"arn:aws:iam::111122223333:role/r{number}" for number in range(3)]


def test_every_short_form_that_aws_accepts_is_read() -> None:
    text = (
        '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt",'
        ' "Condition": {"Bool": {"aws:SecureTransport": false}}}}'
    )
    document = parse_policy(text).document
    (statement,) = document.statements
    assert document.version is None
    assert statement.principals == (Principal("AWS", "*"),)
    assert statement.conditions == (Condition("Bool", "aws:SecureTransport", ("false",)),)
    assert statement.resources is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"Statement": [{"Effect": "allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}',
        '{"Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "a:b", "NotAction": "c:d", "Resource": "*"}]}',
        '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": [1], "Resource": "*"}]}',
        '{"Version": "2020-01-01", "Statement": []}',
        '{"Statement": [], "Statement": []}',
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_policy(text)


def test_a_problem_stands_on_its_line() -> None:
    text = '{"Statement": [\n  {"Effect": "Permit",\n   "Principal": "*", "Action": "kms:*", "Resource": "*"}]}'
    with pytest.raises(InputError) as caught:
        parse_policy(text, file="p.json")
    (problem,) = caught.value.problems
    assert (problem.field, str(problem.location)) == ("Statement[0].Effect", "p.json:2:4")


@given(st.lists(st.sampled_from(USERS), unique=True), st.lists(st.sampled_from(USERS), unique=True), st.booleans())
def test_the_canonical_text_is_read_back_as_itself(administrators: list[str], users: list[str], root: bool) -> None:
    key = Key(
        key_administrator_arns=tuple(administrators),
        key_user_arns=tuple(users),
        enable_default_root_policy=root or not administrators,
        key_service_users=("logs.us-east-1.amazonaws.com",),
    )
    text = as_json(key_policy(key, HOME))
    assert as_json(parse_policy(text).document) == text
