"""Who gains and loses what between two policies, and when two texts mean the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from atoms_policies import ACCOUNT, ADMIN, APP, BOB, EXT, FRIEND, POLICIES, SERVICE
from hypothesis import HealthCheck, given, settings

from keywright._internal.policy.document import Condition, PolicyDocument, Principal, Statement
from keywright._internal.proof.difference.access_difference import AccessDifference, access_difference
from keywright._internal.proof.evaluation.decision import Outcome
from keywright._internal.proof.evaluation.evaluator import Evaluator, evaluate

ROOT = Statement("Allow", (Principal("AWS", f"arn:aws:iam::{ACCOUNT}:root"),), ("kms:*",), sid="Root")
QUICK = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


def allow(*who: str, actions: tuple[str, ...], conditions: tuple[Condition, ...] = ()) -> Statement:
    principals = tuple(Principal("Service" if name.endswith(".com") else "AWS", name) for name in who)
    return Statement("Allow", principals, actions, conditions=conditions)


def document(*statements: Statement) -> PolicyDocument:
    return PolicyDocument(statements)


def difference(old: PolicyDocument, new: PolicyDocument) -> AccessDifference:
    found = access_difference(old, new, account=ACCOUNT, region="eu-west-1")
    for changes, has, lacks in ((found.gained, new, old), (found.lost, old, new)):
        for change in changes:
            witness = change.witness
            assert evaluate(has, witness.request, identity_policies=witness.identity_policies) == witness.decision
            assert witness.decision.allowed
            assert not evaluate(lacks, witness.request, identity_policies=witness.identity_policies).allowed
    return found


BLUE = Condition("StringEquals", "kms:EncryptionContext:team", ("blue",))
GREEN = replace(BLUE, values=("green",))
EITHER = replace(BLUE, values=("green", "blue"))
TAGGED = Condition("StringEquals", "kms:EncryptionContext:team", ("${aws:PrincipalTag/team}",))
TWO = ("kms:Decrypt", "kms:Encrypt")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ((ROOT, allow(APP, actions=TWO)), (allow(APP, actions=TWO), ROOT)),
        ((allow(APP, BOB, actions=TWO),), (allow(BOB, actions=TWO), allow(APP, actions=TWO))),
        ((allow(APP, actions=TWO),), (allow(APP, actions=TWO[:1]), allow(APP, actions=TWO[1:]))),
        (
            (allow(APP, actions=TWO, conditions=(EITHER,)),),
            tuple(allow(APP, actions=TWO, conditions=(c,)) for c in (BLUE, GREEN)),
        ),
        ((allow(FRIEND, actions=TWO),), (allow(f"arn:aws:iam::{FRIEND}:root", actions=TWO),)),
        (
            (allow(APP, actions=("kms:Re*",)),),
            (allow(APP, actions=("kms:ReEncrypt*", "kms:ReplicateKey", "kms:RevokeGrant")),),
        ),
        ((allow(APP, actions=TWO),), (allow(APP, actions=TWO), allow("AROAEXAMPLEID", actions=("kms:*",)))),
        ((allow(APP, actions=TWO),), (allow(APP, actions=(*TWO, "kms:ListKeys", "s3:GetObject")),)),
        ((ROOT,), (replace(ROOT, sid="Other"),)),
        ((allow(APP, actions=TWO, conditions=(TAGGED,)), ROOT), (ROOT, allow(APP, actions=TWO, conditions=(TAGGED,)))),
        (
            (allow(APP, actions=TWO),),
            (
                allow(APP, actions=("kms:*",)),
                replace(allow("*", actions=()), effect="Deny", actions=None, not_actions=TWO),
            ),
        ),
    ],
)
def test_texts_that_mean_the_same_are_equivalent(old: tuple[Statement, ...], new: tuple[Statement, ...]) -> None:
    assert difference(document(*old), document(*new)) == AccessDifference(True)


def test_a_new_user_gains_by_the_key_policy_what_iam_could_have_given_it() -> None:
    found = difference(document(ROOT), document(ROOT, allow(APP, actions=TWO)))
    assert [item.sentence for item in found.gained] == [
        "role `App` gains kms:Decrypt and kms:Encrypt by the key policy itself"
    ]
    assert not found.lost
    assert found.equivalent is False


def test_what_is_lost_is_said_with_what_is_gained() -> None:
    found = difference(document(ROOT, allow(APP, actions=TWO)), document(ROOT, allow(BOB, actions=TWO[:1])))
    assert [item.sentence for item in found.gained] == ["user `Bob` gains kms:Decrypt by the key policy itself"]
    assert [item.sentence for item in found.lost] == [
        "role `App` loses kms:Decrypt and kms:Encrypt by the key policy itself"
    ]


def test_another_accounts_access_depends_on_its_iam_policies() -> None:
    (change,) = difference(document(ROOT), document(ROOT, allow(EXT, actions=TWO))).gained
    assert (
        change.sentence == f"role `Ext` of account {FRIEND} gains kms:Decrypt and kms:Encrypt if IAM policies allow it"
    )
    assert change.witness.identity_policies


def test_access_that_needs_circumstances_names_some() -> None:
    (change,) = difference(document(ROOT), document(ROOT, allow(APP, actions=TWO, conditions=(BLUE,)))).gained
    assert "for instance with kms:EncryptionContext:team = blue" in change.sentence


def test_opening_a_policy_to_the_public_is_gain_of_every_other_account() -> None:
    found = difference(document(ROOT), document(ROOT, allow("*", actions=("kms:Decrypt",))))
    assert any("every other account gains kms:Decrypt" in item.sentence for item in found.gained)


def test_a_deny_takes_away() -> None:
    closing = replace(allow("*", actions=("kms:ScheduleKeyDeletion",)), effect="Deny")
    found = difference(
        document(ROOT, allow(ADMIN, actions=("kms:*",))), document(ROOT, allow(ADMIN, actions=("kms:*",)), closing)
    )
    assert not found.gained
    assert all("kms:ScheduleKeyDeletion" in item.sentence for item in found.lost)
    assert found.lost


def test_a_service_gains_by_the_key_policy_itself() -> None:
    (change,) = difference(document(ROOT), document(ROOT, allow(SERVICE, actions=("kms:Decrypt",)))).gained
    assert change.sentence == f"the service {SERVICE} gains kms:Decrypt by the key policy itself"


def test_what_a_changed_variable_does_is_shown_or_undecided_but_never_equivalent() -> None:
    other = replace(TAGGED, values=("${aws:PrincipalTag/group}",))
    old, new = (document(ROOT, allow(APP, actions=TWO, conditions=(item,))) for item in (TAGGED, other))
    found = difference(old, new)
    assert found.equivalent is not True


def test_what_a_deny_by_not_principal_changes_is_left_undecided() -> None:
    sparing = Statement("Deny", None, ("kms:Decrypt",), not_principals=(Principal("AWS", APP),))
    old = document(allow(APP, actions=TWO))
    found = difference(old, document(*old.statements, sparing))
    assert found.equivalent is None
    assert "role `App`" in found.reason


def test_the_document_of_a_difference_has_its_witnesses() -> None:
    shown = difference(document(ROOT), document(ROOT, allow(APP, actions=TWO))).as_document()
    assert shown["equivalent"] is False
    assert shown["gained"][0]["witness"]["request"]["principal"] == APP


@given(POLICIES, POLICIES)
@QUICK
def test_gains_are_the_losses_of_the_way_back(old: PolicyDocument, new: PolicyDocument) -> None:
    there, back = difference(old, new), difference(new, old)
    assert there.equivalent == back.equivalent
    assert len(there.gained) == len(back.lost)
    assert len(there.lost) == len(back.gained)


@given(POLICIES, POLICIES)
@QUICK
def test_policies_found_equivalent_decide_every_request_alike(old: PolicyDocument, new: PolicyDocument) -> None:
    from atoms_policies import requests  # noqa: PLC0415

    if difference(old, new).equivalent is not True:
        return
    one, other = Evaluator(old), Evaluator(new)
    both = PolicyDocument((*old.statements, *new.statements))
    for request in requests(both):
        if not request.action.startswith("kms:Schedule"):
            allowed = [item.decide(request).outcome is Outcome.ALLOWED for item in (one, other)]
            assert allowed[0] == allowed[1]


def test_an_account_that_only_a_condition_names_is_told_from_all_others() -> None:
    own, both = (Condition("StringEquals", "kms:CallerAccount", values) for values in ((ACCOUNT,), (ACCOUNT, FRIEND)))
    old, new = (document(ROOT, allow("*", actions=("kms:Decrypt",), conditions=(one,))) for one in (own, both))
    (gain,) = difference(old, new).gained
    assert gain.sentence == f"everybody of account {FRIEND} gains kms:Decrypt if IAM policies allow it"
    (public,) = difference(old, document(ROOT, allow("*", actions=("kms:Decrypt",)))).gained[:1]
    assert "every other account" in public.sentence
