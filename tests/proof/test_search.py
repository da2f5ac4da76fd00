"""The search over atoms against brute force over every request of a small vocabulary."""

import re
from collections.abc import Iterator

from atoms_policies import ACCOUNT, ASKED, CALLERS, KEY, POLICIES, requests
from hypothesis import HealthCheck, given, settings

from keywright._internal.policy.document import PolicyDocument, Principal, Statement
from keywright._internal.proof.evaluation.decision import Outcome
from keywright._internal.proof.evaluation.evaluator import Evaluator, evaluate
from keywright._internal.proof.search.access import Access, AccessMode, Query
from keywright._internal.proof.search.boxes import Box
from keywright._internal.proof.search.callers import PrincipalClass
from keywright._internal.proof.search.request_space import RequestSpace, masked
from keywright._internal.proof.search.witnesses import ALLOW_ALL, ask

NAMED = [Principal("Service" if item.kind == "service" else "AWS", item.arn) for item in CALLERS]
QUICK = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


def access(policy: PolicyDocument) -> Access:
    return Access(RequestSpace([policy], KEY, principals=NAMED), policy)


def allowed_by_brute_force(policy: PolicyDocument, *, with_iam: bool) -> set[tuple[str, str]]:
    bulk = Evaluator(policy, identity_policies=[ALLOW_ALL] if with_iam else [])
    found: set[tuple[str, str]] = set()
    for request in requests(policy):
        key = (request.caller.arn, request.action)
        if key not in found and bulk.decide(request).outcome is Outcome.ALLOWED:
            found.add(key)
    return found


def allowed_by_atoms(policy: PolicyDocument, counting: AccessMode) -> Iterator[tuple[tuple[str, str], str]]:
    found = access(policy)
    by_arn = {item.caller.arn: item for item in found.space.each_caller if item.caller.issuer is None}
    for caller in CALLERS:
        for action in ASKED:
            goal = Query(found.space.of_actions(masked(frozenset({action}))), counting)
            answer = ask(found, by_arn[caller.arn], goal)
            yield (caller.arn, action), "yes" if answer.witness else "unknown" if answer.undecided else "no"


def compares_exactly_with_a_wildcard(policy: PolicyDocument) -> bool:
    conditions = (item for statement in policy.statements for item in statement.conditions)
    return any("Equals" in item.operator and re.search(r"[*?]", "".join(item.values)) for item in conditions)


@given(POLICIES)
@QUICK
def test_the_atoms_find_what_brute_force_finds_where_iam_allows_everything(policy: PolicyDocument) -> None:
    shown = allowed_by_brute_force(policy, with_iam=True)
    for key, answer in allowed_by_atoms(policy, AccessMode.ANY):
        if answer == "unknown":
            # Not documented: whether an Allow for everybody is for services, and values such as the service `s3*`.
            assert key[0].endswith(".amazonaws.com") or compares_exactly_with_a_wildcard(policy)
        else:
            assert (answer == "yes") == (key in shown), key


@given(POLICIES)
@QUICK
def test_the_atoms_find_what_brute_force_finds_by_the_key_policy_itself(policy: PolicyDocument) -> None:
    shown = allowed_by_brute_force(policy, with_iam=False)
    for key, answer in allowed_by_atoms(policy, AccessMode.DIRECT):
        if answer != "unknown":
            assert (answer == "yes") == (key in shown), key


@given(POLICIES)
@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
def test_each_witness_replays_to_what_it_says(policy: PolicyDocument) -> None:
    found = access(policy)
    for caller in found.space.callers:
        answer = ask(found, caller, Query(found.space.full))
        if answer.witness is not None:
            witness = answer.witness
            again = evaluate(policy, witness.request, identity_policies=witness.identity_policies)
            assert again.allowed
            assert again == witness.decision


@given(POLICIES)
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_each_request_has_its_point_in_the_space(policy: PolicyDocument) -> None:
    found = access(policy)
    for number, request in enumerate(requests(policy)):
        if number % 7 == 0:
            point = found.space.locate(request)
            assert point is not None
            assert all(mask.bit_count() == 1 for mask in point[: 1 + len(found.space.attributes)])
    assert found.space.location.account == ACCOUNT


def sightings(found: Access) -> list[tuple[Box, bool] | None]:
    goals = [found.space.of_actions(masked(frozenset({action}))) for action in ASKED]
    results = (
        found.sight(caller, Query(goal, mode))
        for caller in found.space.callers
        for goal in goals
        for mode in AccessMode
    )
    return [None if result is None else (result.box, result.surely) for result in results]


@given(POLICIES)
@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_found_without_some_allows_is_what_a_policy_without_them_allows(policy: PolicyDocument) -> None:
    found = access(policy)
    sightings(found)  # what is remembered of the whole policy
    passed_over = frozenset(at for at, item in enumerate(policy.statements) if item.effect == "Allow" and at % 2 == 0)
    left = tuple(item for at, item in enumerate(policy.statements) if at not in passed_over)
    assert sightings(found.without(passed_over)) == sightings(Access(found.space, PolicyDocument(left)))


def own_callers(found: Access, kind: str) -> Iterator[PrincipalClass]:
    return (item for item in found.space.callers if item.caller.kind == kind and item.caller.account in {ACCOUNT, None})


def test_callers_to_whom_the_same_statements_apply_share_a_profile() -> None:
    root = Principal("AWS", f"arn:aws:iam::{ACCOUNT}:root")
    found = access(PolicyDocument((Statement("Allow", (root,), ("kms:*",)),)))
    by_kind = {kind: found.profile(next(own_callers(found, kind))) for kind in ("role", "user", "root", "service")}
    assert by_kind["role"] is by_kind["user"]
    assert by_kind["role"] is not by_kind["root"]  # to whom the account's access is his own
    assert by_kind["service"].allows == ()
