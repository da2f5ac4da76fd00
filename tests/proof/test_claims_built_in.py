"""The built-in claims: each proved on a sound policy, and refuted by a request that the evaluator replays."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from atoms_policies import ACCOUNT, ADMIN, APP, BOB, EXT, FRIEND, POLICIES, SERVICE, STRANGER
from hypothesis import HealthCheck, given, settings

from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.model.pattern_use import PatternUse
from keywright._internal.policy.document import Condition, PolicyDocument, Principal, Statement
from keywright._internal.policy.generation import key_policy, replica_policy
from keywright._internal.proof.claims.declared import prove_key, prove_policy
from keywright._internal.proof.claims.result import ClaimResult, Verdict
from keywright._internal.proof.evaluation.evaluator import evaluate
from keywright._internal.proof.evaluation.request import Request

SETTING = KeyLocation("aws", ACCOUNT, "eu-west-1")
ROOT = Statement("Allow", (Principal("AWS", f"arn:aws:iam::{ACCOUNT}:root"),), ("kms:*",), sid="Root")
CHANGE, SURVIVES, CALLER = "policy-stays-changeable", "survives-loss-of-any-principal", "caller-can-change-policy"
OUTSIDE, FOREIGN, SERVICES = "no-access-from-outside", "no-foreign-administration", "services-act-for-the-trusted-only"
ADMINISTRATORS, USERS, STEPS = "administrators-cannot-use", "users-cannot-administer", "users-cannot-widen-access"
GRANTS, NAMED, DELETION = "grants-only-for-aws-resources", "only-named-principals-use", "deletion-is-guarded"


def allow(who: str, *actions: str, conditions: tuple[Condition, ...] = ()) -> Statement:
    kind = "Service" if who.endswith(".amazonaws.com") else "AWS"
    return Statement("Allow", (Principal(kind, who),), actions or ("kms:*",), conditions=conditions)


def deny(who: str, *actions: str, conditions: tuple[Condition, ...] = ()) -> Statement:
    return replace(allow(who, *actions, conditions=conditions), effect="Deny")


def document(*statements: Statement) -> PolicyDocument:
    return PolicyDocument(statements)


def replays(policy: PolicyDocument, result: ClaimResult) -> bool:
    """Whether the witness, written out and read again, is decided as it says."""
    assert result.witness is not None
    case = result.witness.as_document()
    request = Request.from_document(case["request"])
    decision = evaluate(policy, request, identity_policies=result.witness.identity_policies)
    return decision == result.witness.decision and decision.outcome.value == case["expected"]


def on_policy(policy: PolicyDocument, name: str, **options: object) -> ClaimResult:
    found = {item.id: item for item in prove_policy(policy, ACCOUNT, **options)}  # type: ignore[arg-type]
    result = found[name]
    assert result.verdict is not Verdict.REFUTED or replays(policy, result)
    return result


def on_key(key: Key, name: str, policy: PolicyDocument | None = None, **options: object) -> ClaimResult:
    policy = policy or key_policy(key, SETTING)
    found = {item.id: item for item in prove_key(key, SETTING, policy, **options)}  # type: ignore[arg-type]
    result = found[name]
    assert result.verdict is not Verdict.REFUTED or replays(policy, result)
    return result


def verdict(policy: PolicyDocument, name: str, **options: object) -> Verdict:
    return on_policy(policy, name, **options).verdict


# --- Lockout ------------------------------------------------------------------------------------------------

CHANGING = "kms:PutKeyPolicy"
MFA = Condition("Bool", "aws:MultiFactorAuthPresent", ("true",))
UNLESS_OWN = (Condition("StringNotEquals", "aws:PrincipalAccount", (ACCOUNT,)),)
UNLESS_ADMIN = (Condition("ArnNotEquals", "aws:PrincipalArn", (ADMIN,)),)


@pytest.mark.parametrize(
    ("policy", "changeable", "survives"),
    [
        (document(ROOT), Verdict.PROVED, Verdict.PROVED),
        (document(allow(ADMIN, CHANGING)), Verdict.PROVED, Verdict.REFUTED),
        (document(allow(ADMIN, CHANGING), allow(APP, CHANGING)), Verdict.PROVED, Verdict.PROVED),
        (document(allow(ADMIN, CHANGING), allow(ADMIN, "kms:*")), Verdict.PROVED, Verdict.REFUTED),
        (document(allow(BOB, CHANGING)), Verdict.PROVED, Verdict.REFUTED),
        (document(allow(APP, "kms:Decrypt")), Verdict.REFUTED, Verdict.REFUTED),
        (document(allow("AROAEXAMPLEID", CHANGING)), Verdict.REFUTED, Verdict.REFUTED),
        (document(allow(EXT, CHANGING)), Verdict.REFUTED, Verdict.REFUTED),
        (document(allow(SERVICE, CHANGING)), Verdict.REFUTED, Verdict.REFUTED),
        (document(ROOT, deny("*", CHANGING)), Verdict.REFUTED, Verdict.REFUTED),
        (document(ROOT, deny(f"arn:aws:iam::{ACCOUNT}:root", "kms:Put*")), Verdict.REFUTED, Verdict.REFUTED),
        (document(ROOT, deny("*", CHANGING, conditions=UNLESS_ADMIN)), Verdict.PROVED, Verdict.PROVED),
        (document(allow(ADMIN, CHANGING, conditions=(MFA,))), Verdict.PROVED, Verdict.REFUTED),
        (document(replace(ROOT, resources=None)), Verdict.REFUTED, Verdict.REFUTED),
        (
            document(replace(ROOT, resources=(f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/other",))),
            Verdict.UNKNOWN,
            Verdict.UNKNOWN,
        ),
        (
            document(replace(ROOT, resources=(f"arn:aws:kms:eu-west-1:{FRIEND}:key/x",))),
            Verdict.REFUTED,
            Verdict.REFUTED,
        ),
    ],
)
def test_lockout_is_seen_before_and_after_a_principal_is_lost(
    policy: PolicyDocument, changeable: Verdict, survives: Verdict
) -> None:
    assert (verdict(policy, CHANGE), verdict(policy, SURVIVES)) == (changeable, survives)


@pytest.mark.parametrize("key", ["aws:CurrentTime", "aws:EpochTime"])
def test_administration_that_ends_on_a_date_is_a_lockout_whenever_that_is(key: str) -> None:
    until, after = (Condition(f"Date{side}", key, ("2040-01-01T00:00:00Z",)) for side in ("LessThan", "GreaterThan"))
    assert verdict(document(replace(ROOT, conditions=(until,))), CHANGE) is Verdict.REFUTED
    assert verdict(document(replace(ROOT, conditions=(after,))), CHANGE) is Verdict.PROVED
    assert verdict(document(ROOT, deny("*", CHANGING, conditions=(after,))), CHANGE) is Verdict.REFUTED
    assert verdict(document(ROOT, deny("*", CHANGING, conditions=(until,))), CHANGE) is Verdict.PROVED


def test_an_administrator_named_by_the_text_of_its_arn_outlives_its_deletion() -> None:
    pinned = Key(key_administrator_arns=(ADMIN,), enable_default_root_policy=False)
    durable = Key(key_administrator_arns=(f"durable:{ADMIN}",), enable_default_root_policy=False)
    assert on_key(pinned, SURVIVES).verdict is Verdict.REFUTED
    assert on_key(durable, SURVIVES).verdict is Verdict.PROVED


def test_what_survives_is_said_in_the_words_of_the_field() -> None:
    result = on_key(Key(), SURVIVES)
    assert result.reason == "account root access survives the deletion of any principal"
    administrators = Key(key_administrator_arns=("permission_set:Admin",), enable_default_root_policy=False)
    reason = on_key(administrators, SURVIVES).reason
    assert re.fullmatch(
        "the access of (a role like|role) `AWSReservedSSO_Admin_.*` .*survives the deletion of any .*", reason
    )


def test_sessions_of_one_role_do_not_survive_it() -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/App/s1"
    assert verdict(document(allow(session, CHANGING), allow(APP, CHANGING)), SURVIVES) is Verdict.REFUTED


def test_a_deny_by_not_principal_leaves_the_excepted_undecided() -> None:
    sparing = Statement("Deny", None, (CHANGING,), not_principals=(Principal("AWS", ADMIN),))
    assert verdict(document(ROOT, sparing), CHANGE) is Verdict.UNKNOWN
    others = Statement("Deny", None, (CHANGING,), not_principals=(Principal("AWS", EXT),))
    assert verdict(document(ROOT, others), CHANGE) is Verdict.REFUTED


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (ADMIN, Verdict.PROVED),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/jane", Verdict.PROVED),
        (f"arn:aws:iam::{ACCOUNT}:root", Verdict.PROVED),
        (f"arn:aws:iam::{ACCOUNT}:role/ByIam", Verdict.UNKNOWN),
        (EXT, Verdict.REFUTED),
    ],
)
def test_whether_the_caller_can_change_the_policy_again(caller: str, expected: Verdict) -> None:
    key = Key(key_administrator_arns=(ADMIN,))
    assert on_key(key, CALLER, caller=caller).verdict is expected


def test_a_caller_who_can_only_under_circumstances_is_not_said_to_be_able() -> None:
    policy = document(allow(ADMIN, CHANGING, conditions=(MFA,)))
    assert on_key(Key(), CALLER, policy, caller=ADMIN).verdict is Verdict.UNKNOWN


# --- Outsiders ----------------------------------------------------------------------------------------------

IN_ORGANISATION = Condition("StringEquals", "aws:PrincipalOrgID", ("o-aaaaaaaaaa",))
IN_ACCOUNT = Condition("StringEquals", "kms:CallerAccount", (ACCOUNT,))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (allow("*"), Verdict.REFUTED),
        (allow("*", "kms:Decrypt"), Verdict.REFUTED),
        (allow("*", "kms:Decrypt", conditions=(IN_ORGANISATION,)), Verdict.PROVED),
        (allow("*", "kms:Decrypt", conditions=(IN_ACCOUNT,)), Verdict.PROVED),
        (allow("*", "kms:Decrypt", conditions=(replace(IN_ACCOUNT, operator="StringEqualsIfExists"),)), Verdict.PROVED),
        (
            allow("*", "kms:Decrypt", conditions=(replace(IN_ORGANISATION, operator="StringEqualsIfExists"),)),
            Verdict.REFUTED,
        ),
        (
            allow("*", "kms:Decrypt", conditions=(replace(IN_ORGANISATION, operator="ForAllValues:StringEquals"),)),
            Verdict.REFUTED,
        ),
        (
            allow(
                "*", "kms:Decrypt", conditions=(Condition("ArnLike", "aws:PrincipalArn", ("arn:aws:iam::*:role/App",)),)
            ),
            Verdict.REFUTED,
        ),
        (
            allow("*", "kms:Decrypt", conditions=(Condition("StringNotEquals", "aws:PrincipalAccount", (FRIEND,)),)),
            Verdict.REFUTED,
        ),
        (allow(FRIEND, "kms:Decrypt"), Verdict.PROVED),
        (allow("*", "kms:ScheduleKeyDeletion"), Verdict.PROVED),
        (Statement("Allow", None, ("kms:Decrypt",), not_principals=(Principal("AWS", APP),)), Verdict.REFUTED),
    ],
)
def test_who_is_let_in_by_nobody_in_particular_is_outside(statement: Statement, expected: Verdict) -> None:
    assert verdict(document(ROOT, statement), OUTSIDE) is expected


def test_stated_trust_takes_the_place_of_what_the_policy_names() -> None:
    shared = document(ROOT, allow(FRIEND, "kms:Decrypt"))
    assert verdict(shared, OUTSIDE, trusted_accounts=(STRANGER,)) is Verdict.REFUTED
    assert verdict(shared, OUTSIDE, trusted_accounts=(FRIEND,)) is Verdict.PROVED


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (("kms:*",), Verdict.REFUTED),
        (("kms:Put*", "kms:Revoke*"), Verdict.REFUTED),
        (("kms:PutKeyPolicy",), Verdict.PROVED),
        (("kms:Decrypt", "kms:DescribeKey", "kms:CreateGrant"), Verdict.PROVED),
    ],
)
def test_another_account_may_use_the_key_but_not_administer_it(actions: tuple[str, ...], expected: Verdict) -> None:
    assert verdict(document(ROOT, allow(EXT, *actions)), FOREIGN) is expected


def test_a_variable_that_always_says_the_keys_own_account_is_looked_up() -> None:
    own = Condition("StringEquals", "aws:PrincipalAccount", ("${aws:ResourceAccount}",))
    assert verdict(document(ROOT, allow("*", "kms:Decrypt", conditions=(own,))), OUTSIDE) is Verdict.PROVED


@pytest.mark.parametrize(
    ("operator", "expected"), [("StringEquals", Verdict.PROVED), ("StringNotEquals", Verdict.REFUTED)]
)
def test_the_keys_own_organisation_is_trusted_where_the_policy_names_it(operator: str, expected: Verdict) -> None:
    own = Condition(operator, "aws:PrincipalOrgID", ("${aws:ResourceOrgID}",))
    policy = document(allow("*", "kms:Decrypt", conditions=(own,)))
    assert verdict(policy, "no-access-from-outside") is expected


def test_a_resource_that_isnt_certainly_this_key_decides_nothing() -> None:
    """Nothing says whether the policy is of a multi-Region key, nor whether of the one that a Deny names."""
    everybody = replace(allow("*", "kms:Decrypt"), resources=(f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/mrk-*",))
    one_key = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    policy = document(everybody, replace(deny("*", "kms:Decrypt"), resources=(one_key,)))
    assert verdict(document(everybody), OUTSIDE) is Verdict.UNKNOWN
    assert verdict(policy, OUTSIDE) is Verdict.UNKNOWN
    shut = replace(deny("*", "kms:Decrypt", conditions=UNLESS_OWN), resources=(one_key,))
    assert verdict(document(ROOT, allow("*", "kms:Decrypt"), shut), OUTSIDE) is Verdict.UNKNOWN


def test_a_variable_that_a_stranger_can_satisfy_is_refuted_by_replay() -> None:
    same = Condition("StringEquals", "kms:EncryptionContext:team", ("${aws:PrincipalTag/team}",))
    assert verdict(document(ROOT, allow("*", "kms:Decrypt", conditions=(same,))), OUTSIDE) is Verdict.REFUTED


# --- Services -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ((), Verdict.REFUTED),
        ((Condition("StringEquals", "aws:SourceAccount", (ACCOUNT,)),), Verdict.PROVED),
        ((Condition("StringEquals", "aws:SourceAccount", (STRANGER,)),), Verdict.PROVED),
        ((Condition("StringLike", "aws:SourceAccount", ("*",)),), Verdict.REFUTED),
        ((Condition("ArnLike", "aws:SourceArn", (f"arn:aws:logs:*:{ACCOUNT}:*",)),), Verdict.PROVED),
        ((Condition("ArnLike", "aws:SourceArn", ("arn:aws:logs:*:*:*",)),), Verdict.REFUTED),
        (
            (Condition("ArnLike", "kms:EncryptionContext:aws:logs:arn", (f"arn:aws:logs:*:{ACCOUNT}:*",)),),
            Verdict.PROVED,
        ),
        ((Condition("StringEqualsIfExists", "aws:SourceAccount", (ACCOUNT,)),), Verdict.UNKNOWN),
        ((Condition("StringEquals", "kms:CallerAccount", (ACCOUNT,)),), Verdict.PROVED),
    ],
)
def test_a_service_must_call_on_behalf_of_somebody_trusted(
    conditions: tuple[Condition, ...], expected: Verdict
) -> None:
    policy = document(ROOT, allow(SERVICE, "kms:Decrypt", conditions=conditions))
    key = Key(policy="{}")
    assert on_key(key, SERVICES, policy).verdict is expected


@pytest.mark.parametrize(
    ("conditions", "reason"),
    [
        (
            (Condition("ArnLike", "AWS:SOURCEARN", (f"arn:aws:logs:*:{ACCOUNT}:*",)),),
            f"every statement for `{SERVICE}` requires aws:SourceArn",
        ),
        ((), f"no statement lets `{SERVICE}` in on behalf of anybody else"),
    ],
)
def test_the_claim_on_services_names_the_conditions_that_their_statements_require(
    conditions: tuple[Condition, ...], reason: str
) -> None:
    others = Condition("StringNotEquals", "aws:SourceAccount", (ACCOUNT,))
    policy = document(
        ROOT, allow(SERVICE, "kms:Decrypt", conditions=conditions), deny("*", "kms:Decrypt", conditions=(others,))
    )
    result = on_key(Key(policy="{}"), SERVICES, policy)
    assert (result.verdict, result.reason) == (Verdict.PROVED, reason)


# --- Duties, grants, names, guards --------------------------------------------------------------------------

KEY = Key(key_administrator_arns=(ADMIN,), key_user_arns=(APP, f"durable:{BOB}"), key_service_users=(SERVICE,))
FOR_AWS = Condition("Bool", "kms:GrantIsForAWSResource", ("true",))


def with_more(*more: Statement) -> PolicyDocument:
    return document(*key_policy(KEY, SETTING).statements, *more)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        (ADMINISTRATORS, allow(ADMIN, "kms:Decrypt")),
        (ADMINISTRATORS, allow(ADMIN, "kms:CreateGrant")),
        (
            ADMINISTRATORS,
            allow(ACCOUNT, "kms:Sign", conditions=(Condition("ArnEquals", "aws:PrincipalArn", (ADMIN,)),)),
        ),
        (USERS, allow(APP, "kms:DisableKey")),
        (USERS, allow(APP, "kms:RevokeGrant")),
        (STEPS, allow(APP, "kms:CreateGrant")),
        (STEPS, allow(BOB, "kms:PutKeyPolicy")),
        (STEPS, allow(APP, "kms:ReplicateKey")),
        (STEPS, allow(APP, "kms:ImportKeyMaterial")),
        (GRANTS, allow(f"arn:aws:iam::{ACCOUNT}:role/Other", "kms:CreateGrant")),
        (GRANTS, allow(EXT, "kms:CreateGrant")),
        (NAMED, allow(f"arn:aws:iam::{ACCOUNT}:role/Other", "kms:Decrypt")),
        (NAMED, allow(EXT, "kms:Encrypt")),
        (NAMED, allow("sns.amazonaws.com", "kms:Decrypt")),
        (NAMED, allow("*", "kms:Decrypt", conditions=(IN_ACCOUNT,))),
        (OUTSIDE, allow(EXT, "kms:Encrypt")),
    ],
)
def test_a_statement_too_many_refutes_the_claim_that_the_generated_policy_keeps(name: str, more: Statement) -> None:
    assert on_key(KEY, name).verdict is Verdict.PROVED
    assert on_key(KEY, name, with_more(more)).verdict is Verdict.REFUTED


@pytest.mark.parametrize("root", [True, False])
@pytest.mark.parametrize(
    "more", [{}, {"multi_region": True}, {"key_service_users": (SERVICE, "cloudtrail.amazonaws.com")}]
)
def test_every_default_claim_is_proved_on_a_generated_policy(root: bool, more: dict[str, object]) -> None:
    key = Key(
        key_administrator_arns=(ADMIN, BOB),
        key_user_arns=(APP, "permission_set:Data", EXT),
        enable_default_root_policy=root,
        **more,  # type: ignore[arg-type]
    )
    results = prove_key(key, SETTING, key_policy(key, SETTING))
    assert {item.id for item in results if item.verdict is not Verdict.PROVED} == set()


def test_every_default_claim_is_proved_on_a_replicas_policy() -> None:
    key = Key(key_administrator_arns=(ADMIN,), key_user_arns=(APP,), key_service_users=(SERVICE,), multi_region=True)
    there = replace(SETTING, region="us-east-1")
    results = prove_key(key, there, replica_policy(key, SETTING, there.region))
    assert {item.id for item in results if item.verdict is not Verdict.PROVED} == set()


def test_what_an_administrator_can_do_by_nature_is_said() -> None:
    assert "kms:PutKeyPolicy" in on_key(KEY, ADMINISTRATORS).reason


def test_a_declared_guard_must_be_in_the_policy() -> None:
    guards = (
        PatternUse(name="deletion-break-glass", parameters={"principal_arns": (ADMIN,)}),
        PatternUse(name="minimum-waiting-window", parameters={"days": ("14",)}),
    )
    key = Key(key_administrator_arns=(ADMIN,), patterns=guards)
    policy = key_policy(key, SETTING)
    assert on_key(key, DELETION).verdict is Verdict.PROVED
    for number, statement in enumerate(policy.statements):
        if statement.effect == "Deny":
            less = PolicyDocument(policy.statements[:number] + policy.statements[number + 1 :])
            assert on_key(key, DELETION, less).verdict is Verdict.REFUTED


def test_more_than_can_be_combined_is_unknown_with_the_reason() -> None:
    conditions = tuple(
        Condition("ForAnyValue:StringEquals", "aws:TagKeys", (f"tag-{number}",)) for number in range(1)
    ) + tuple(Condition("ForAllValues:StringLike", "aws:TagKeys", (f"{letter}*",)) for letter in "a")
    several = tuple(
        allow(
            APP, "kms:TagResource", conditions=(Condition("ForAnyValue:StringEquals", "aws:TagKeys", (f"t{number}",)),)
        )
        for number in range(14)
    )
    results = prove_policy(document(ROOT, *several, allow(ADMIN, "kms:TagResource", conditions=conditions)), ACCOUNT)
    assert {item.verdict for item in results} == {Verdict.UNKNOWN}
    assert all("aws:TagKeys" in item.reason for item in results)


@given(POLICIES)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_refutation_of_any_policy_replays(policy: PolicyDocument) -> None:
    for result in prove_policy(policy, ACCOUNT):
        assert result.reason
        if result.verdict is Verdict.REFUTED:
            assert replays(policy, result)
