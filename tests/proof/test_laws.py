"""Laws of access that hold for every policy: one line each, over generated policies and the catalogue's patterns."""

from __future__ import annotations

from dataclasses import replace

import pytest
from atoms_policies import ACCOUNT, KEY, POLICIES, statements
from hypothesis import HealthCheck, given, settings

from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy import catalogue
from keywright._internal.policy.document import PolicyDocument, Statement, as_json
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.proof.claims.declared import prove_policy
from keywright._internal.proof.claims.result import Verdict
from keywright._internal.proof.difference.access_difference import AccessDifference, access_difference
from keywright._internal.proof.search.access import Access, AccessMode, Query
from keywright._internal.proof.search.request_space import RequestSpace

SETTING = KeyLocation("aws", ACCOUNT, "eu-west-1")
LAW = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


def difference(old: PolicyDocument, new: PolicyDocument) -> AccessDifference:
    return access_difference(old, new, account=ACCOUNT, region="eu-west-1")


def adding(policy: PolicyDocument, statement: Statement) -> PolicyDocument:
    return replace(policy, statements=(*policy.statements, statement))


@given(POLICIES)
@LAW
def test_the_difference_of_equals_is_empty(policy: PolicyDocument) -> None:
    assert difference(policy, policy) == AccessDifference(True)


@given(POLICIES)
@LAW
def test_the_order_and_repetition_of_statements_mean_nothing(policy: PolicyDocument) -> None:
    shuffled = (*reversed(policy.statements), policy.statements[0])
    assert difference(policy, PolicyDocument(shuffled)) == AccessDifference(True)


@given(POLICIES, statements())
@LAW
def test_adding_a_deny_never_adds_access(policy: PolicyDocument, statement: Statement) -> None:
    assert not difference(policy, adding(policy, replace(statement, effect="Deny"))).gained


@given(POLICIES, statements())
@LAW
def test_adding_an_allow_never_takes_access_away(policy: PolicyDocument, statement: Statement) -> None:
    assert not difference(policy, adding(policy, replace(statement, effect="Allow"))).lost


@given(POLICIES)
@LAW
def test_the_canonical_form_is_idempotent_and_keeps_the_meaning(policy: PolicyDocument) -> None:
    text = as_json(policy)
    again = parse_policy(text).document
    assert as_json(again) == text
    assert difference(policy, again) == AccessDifference(True)


@given(POLICIES, POLICIES)
@LAW
def test_the_union_of_allows_gives_the_union_of_access(one: PolicyDocument, other: PolicyDocument) -> None:
    first, second = (
        PolicyDocument(tuple(replace(item, effect="Allow") for item in policy.statements)) for policy in (one, other)
    )
    both = PolicyDocument((*first.statements, *second.statements))
    space = RequestSpace([both], KEY)
    goal = Query(space.full, AccessMode.DIRECT)
    accesses = [Access(space, policy) for policy in (first, second, both)]
    for caller in space.callers:
        a, b, union = (access.sight(caller, goal) is not None for access in accesses)
        assert union == (a or b)


@given(POLICIES, statements())
@LAW
def test_what_is_proved_of_outsiders_survives_another_deny(policy: PolicyDocument, statement: Statement) -> None:
    trust = {"trusted_accounts": (ACCOUNT,)}
    before = {item.id: item.verdict for item in prove_policy(policy, ACCOUNT, **trust)}
    after = {
        item.id: item.verdict
        for item in prove_policy(adding(policy, replace(statement, effect="Deny")), ACCOUNT, **trust)
    }
    for name in ("no-access-from-outside", "no-foreign-administration"):
        assert before[name] is not Verdict.PROVED or after[name] is not Verdict.REFUTED


@pytest.mark.parametrize("name", sorted(catalogue.load().patterns))
def test_a_pattern_composes_with_a_policy_without_weakening_its_denies(name: str) -> None:
    example = catalogue.example(catalogue.pattern(name), SETTING)
    found = catalogue.expand(name, example, SETTING)
    guard = catalogue.expand("deletion-mfa", {}, SETTING)
    root = catalogue.fill_statement(catalogue.load().backgrounds["root"], {}, SETTING)
    alone, guarded = PolicyDocument((root, *found)), PolicyDocument((root, *found, *guard))
    changed = difference(alone, guarded)
    assert not changed.gained
    assert all(
        item.witness.request.action in {"kms:ScheduleKeyDeletion", "kms:DeleteImportedKeyMaterial"}
        for item in changed.lost
    )
