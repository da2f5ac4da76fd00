"""The grants that a key declares count in its claims, as they count on AWS: beside the policy."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from keywright._internal.model.grant import Grant
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy.document import PolicyDocument
from keywright._internal.policy.stack_policies import key_policies
from keywright._internal.proof.claims.grant_statements import active_grants, grant_statements
from keywright._internal.proof.claims.result import ClaimResult, Verdict
from keywright._internal.proof.declared_policies import prove_declared
from keywright._internal.proof.evaluation.evaluator import Evaluator
from keywright._internal.proof.evaluation.request import Request

ACCOUNT = "111122223333"
ADMIN, APP = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("admin", "app"))
PARTNER = "arn:aws:iam::444455556666:role/partner"
DENY = {
    "sid": "Never",
    "effect": "Deny",
    "principals": [{"type": "*", "identifiers": ["*"]}],
    "actions": ["kms:Decrypt"],
}
HOME = KeyLocation("aws", ACCOUNT, "us-east-1")


def results(region: str = "us-east-1", **fields: Any) -> dict[str, ClaimResult]:
    key = Key.model_validate({"key_administrator_arns": [ADMIN], "key_user_arns": [APP], **fields})
    policy = next(item for item in key_policies("a", key, HOME, ()) if item.location.region == region)
    return {item.id: item for item in prove_declared(policy)}


def grant(grantee: str, *operations: str, **constraints: dict[str, str]) -> dict[str, Any]:
    more = {"constraints": constraints} if constraints else {}
    return {"name": "g", "grantee_principal": grantee, "operations": list(operations), **more}


def test_a_grant_that_lets_an_administrator_use_the_key_refutes_that_none_can() -> None:
    found = results(grants=[grant(ADMIN, "Decrypt", encryption_context_equals={"team": "a"})])
    refuted = found["administrators-cannot-use"]
    assert refuted.verdict is Verdict.REFUTED
    assert refuted.witness is not None
    assert refuted.witness.decision.reason == "the declared grant `g` covers it"
    assert refuted.witness.request.context["kms:encryptioncontext:team"] == ("a",)


def test_a_grant_to_a_user_contradicts_nothing() -> None:
    found = results(grants=[grant(APP, "Decrypt")])
    assert {item.verdict for item in found.values()} == {Verdict.PROVED}


def test_whom_a_declared_grant_names_is_named_in_the_sentence_about_outsiders() -> None:
    outside = results(grants=[grant(PARTNER, "Decrypt")])["no-access-from-outside"]
    assert "444455556666" in outside.claim
    assert "no grant on the key but the declared ones allows it" in outside.assuming
    assert "444455556666" not in results()["no-access-from-outside"].claim


def test_a_grant_does_not_count_where_the_policy_denies() -> None:
    found = results(grants=[grant(ADMIN, "Decrypt")], statements=[DENY])
    assert found["administrators-cannot-use"].verdict is Verdict.PROVED


def test_a_grant_belongs_to_the_key_in_its_own_region() -> None:
    family = {"multi_region": True, "replica_regions": {"eu-west-1": {}}, "grants": [grant(ADMIN, "Decrypt")]}
    assert results(**family)["administrators-cannot-use"].verdict is Verdict.REFUTED
    assert results("eu-west-1", **family)["administrators-cannot-use"].verdict is Verdict.PROVED


PAIRS = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"), max_size=2)
SOME_PAIRS = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"), min_size=1, max_size=2)
CONSTRAINTS = st.one_of(
    st.none(),
    SOME_PAIRS.map(lambda pairs: {"encryption_context_equals": pairs}),
    SOME_PAIRS.map(lambda pairs: {"encryption_context_subset": pairs}),
)
OPERATIONS = ("Decrypt", "DescribeKey", "CreateGrant", "GenerateDataKey")


@settings(max_examples=300, deadline=None)
@given(
    st.sets(st.sampled_from(OPERATIONS), min_size=1),
    CONSTRAINTS,
    st.sampled_from([ADMIN, APP, f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/s"]),
    st.sampled_from(OPERATIONS),
    PAIRS,
    st.sets(st.sampled_from(OPERATIONS)),
    st.sampled_from([None, "EncryptionContextEquals", "EncryptionContextSubset"]),
)
def test_what_stands_for_a_grant_allows_what_the_grant_allows(
    operations: set[str],
    constraints: dict[str, Any] | None,
    caller: str,
    operation: str,
    pairs: dict[str, str],
    granted: set[str],
    kind: str | None,
) -> None:
    declared = Grant.model_validate(
        {"name": "g", "grantee_principal": ADMIN, "operations": sorted(operations), "constraints": constraints}
    )
    context: dict[str, Any] = {f"kms:EncryptionContext:{name}": value for name, value in pairs.items()}
    if pairs:
        context["kms:EncryptionContextKeys"] = sorted(pairs)
    if operation == "CreateGrant":
        context |= {"kms:GrantOperations": sorted(granted)} if granted else {}
        context |= {"kms:GrantConstraintType": kind} if kind else {}
    request = Request.from_document(
        {
            "principal": caller,
            "action": f"kms:{operation}",
            "resource": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "context": context,
        }
    )
    by_grant = Evaluator(PolicyDocument(()), grants=active_grants([declared])).decide(request)
    by_statement = Evaluator(PolicyDocument(grant_statements([declared]))).decide(request)
    assert by_grant.outcome == by_statement.outcome
