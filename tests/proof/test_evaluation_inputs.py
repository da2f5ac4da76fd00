"""What `keywright.evaluate` takes: policies, requests and grants in the forms that people hold them in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from keywright import InputError, Request, evaluate, parse_policy

KEY = "arn:aws:kms:eu-west-1:111122223333:key/K"
APP = "arn:aws:iam::111122223333:role/App"
POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "*", "Resource": "*"}
    ],
}
IDENTITY = {"Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY}}
REQUEST = {"principal": APP, "action": "kms:Decrypt", "resource": KEY}


@pytest.mark.parametrize(
    "policy", [POLICY, json.dumps(POLICY), parse_policy(json.dumps(POLICY)), parse_policy(json.dumps(POLICY)).document]
)
@pytest.mark.parametrize("request_", [REQUEST, Request.from_document(REQUEST)])
@pytest.mark.parametrize("identity", [IDENTITY, json.dumps(IDENTITY)])
def test_a_policy_is_text_or_a_dict_or_parsed_and_a_request_a_document_or_read(
    policy: Any, request_: Any, identity: Any
) -> None:
    decision = evaluate(policy, request_, identity_policies=[identity])
    assert (decision.outcome, decision.statements) == ("Allowed", ("Account",))


def test_a_grant_is_a_document_of_list_grants() -> None:
    grant = {"GrantId": "g", "GranteePrincipal": APP, "Operations": ["Decrypt"]}
    assert evaluate(POLICY, REQUEST, grants=[grant]).path == "grant"


def test_a_policy_with_an_operator_that_does_not_exist_is_refused() -> None:
    statement = {**POLICY["Statement"][0], "Condition": {"StringIs": {"aws:username": "ann"}}}
    with pytest.raises(InputError, match="`StringIs` is no condition operator"):
        evaluate({"Statement": statement}, REQUEST)


def test_the_trace_names_every_policy_that_was_asked_and_each_reason() -> None:
    policy = {"Statement": [{**POLICY["Statement"][0], "Principal": {"AWS": "444455556666"}, "Action": "kms:Encrypt"}]}
    limit = {"Statement": {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}}
    decision = evaluate(policy, REQUEST, identity_policies=[IDENTITY], permissions_boundary=limit)
    found = {
        item.policy: ([mismatch.element for mismatch in item.mismatches], item.decisive) for item in decision.trace
    }
    assert found == {
        "key policy": (["Principal", "Action"], False),
        "identity policy 1": ([], False),
        "permissions boundary": ([], True),
    }
