"""The planner is a pure function: what follows from a declared key and what AWS shows, without AWS."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keywright._internal.aws import KeyMetadata, RotationStatus
from keywright._internal.lifecycle.claims import prove_plan
from keywright._internal.lifecycle.key_state import AliasHolder, KeyState, LiveKey
from keywright._internal.lifecycle.planning import plan
from keywright._internal.lifecycle.steps import KeyPlan, Step
from keywright._internal.lifecycle.target import Target
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation

SETTING = KeyLocation("aws", "111122223333", "us-east-1")
ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


def target(**fields: Any) -> Target:
    return Target("s", "a", Key.model_validate(fields), SETTING)


def as_declared(wanted: Target, **metadata: Any) -> KeyState:
    """AWS exactly as the target wants it."""
    key = wanted.key
    period = key.rotation_period_in_days or 365
    shown: dict[str, Any] = {
        "key_id": ID,
        "arn": f"arn:aws:kms:us-east-1:111122223333:key/{ID}",
        "account": SETTING.account,
        "region": SETTING.region,
        "state": "Enabled" if key.is_enabled else "Disabled",
        "enabled": key.is_enabled,
        "spec": key.customer_master_key_spec,
        "usage": key.key_usage,
        "origin": "AWS_KMS",
        "description": key.description,
        "multi_region": key.multi_region,
        "multi_region_type": None,
        "primary_arn": None,
        "replica_arns": (),
        "creation_date": datetime(2026, 1, 1, tzinfo=UTC),
        "deletion_date": None,
        "pending_deletion_window_in_days": None,
        "manager": "CUSTOMER",
        "signing_algorithms": (),
        "encryption_algorithms": (),
        "mac_algorithms": (),
        "key_agreement_algorithms": (),
        **metadata,
    }
    rotation = None if key.rotates is None else RotationStatus(key.rotates, period if key.rotates else None)
    live = LiveKey(KeyMetadata(**shown), wanted.policy, wanted.tags, rotation)
    return KeyState((live,), {}, {alias: AliasHolder(ID) for alias in key.aliases})


declared = st.builds(
    target,
    description=st.text(max_size=20),
    aliases=st.lists(st.from_regex(r"alias/[a-z]{1,8}", fullmatch=True), unique=True, max_size=3).map(tuple),
    enable_key_rotation=st.booleans(),
    is_enabled=st.booleans(),
    tags=st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), st.just("v"), max_size=3),
    key_user_arns=st.lists(st.sampled_from([f"arn:aws:iam::111122223333:role/r{n}" for n in range(3)]), unique=True),
)


@settings(deadline=None, max_examples=40)
@given(declared)
def test_nothing_is_done_where_aws_is_as_declared(wanted: Target) -> None:
    assert plan(wanted, as_declared(wanted)) == ()


@settings(deadline=None, max_examples=40)
@given(declared, declared)
def test_every_difference_has_its_step_and_no_step_is_without_a_reason(before: Target, after: Target) -> None:
    steps = plan(after, as_declared(before))
    assert all(step.reason for step in steps)
    actions = {step.action for step in steps}
    assert ("describe" in actions) == (before.key.description != after.key.description)
    assert ("alias" in actions) == bool(set(after.key.aliases) - set(before.key.aliases))
    assert ("unalias" in actions) == bool(set(before.key.aliases) - set(after.key.aliases))
    assert ("policy" in actions) == (set(before.key.key_user_arns) != set(after.key.key_user_arns))
    assert ("tag" in actions) == bool(set(after.tags) - set(before.tags))
    assert "create" not in actions
    assert json.dumps([step.as_document() for step in steps])


@settings(deadline=None, max_examples=40)
@given(declared, declared)
def test_rotation_is_only_changed_while_the_key_is_enabled(before: Target, after: Target) -> None:
    enabled = before.key.is_enabled
    for step in plan(after, as_declared(before)):
        enabled = (enabled or step.action == "enable") and step.action != "disable"
        assert enabled or step.action not in {"rotate", "stop-rotation"}
    assert enabled == after.key.is_enabled


@settings(deadline=None, max_examples=40)
@given(declared)
def test_the_order_in_which_aws_shows_a_policy_and_tags_is_no_difference(wanted: Target) -> None:
    seen = as_declared(wanted)
    document = json.loads(seen.keys[0].policy)
    document["Statement"].reverse()
    shuffled = replace(seen.keys[0], policy=json.dumps(document), tags=dict(reversed(seen.keys[0].tags.items())))
    assert plan(wanted, replace(seen, keys=(shuffled,), aliases=dict(reversed(seen.aliases.items())))) == ()


@settings(deadline=None, max_examples=40)
@given(declared, declared)
def test_a_step_is_the_same_after_it_was_saved_and_read_again(before: Target, after: Target) -> None:
    for step in (*plan(after, as_declared(before)), *plan(after, KeyState())):
        again = Step.from_document(json.loads(json.dumps(step.as_document())))
        assert again.change == step.change
        assert again.applied == step.applied


@settings(deadline=None, max_examples=40)
@given(declared)
def test_a_new_keys_plan_lists_every_step_up_to_the_declared_state(wanted: Target) -> None:
    actions = [step.action for step in plan(wanted, KeyState())]
    assert actions[0] == "create"
    assert ("rotate" in actions) == wanted.key.enable_key_rotation
    assert actions.count("alias") == len(wanted.key.aliases)
    assert ("disable" in actions) == (not wanted.key.is_enabled)
    assert not {"policy", "describe", "tag", "untag", "enable"} & set(actions)


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"state": "PendingDeletion", "deletion_date": datetime(2026, 2, 1, tzinfo=UTC)}, "until 2026-02-01"),
        ({"spec": "RSA_2048", "usage": "SIGN_VERIFY"}, "customer_master_key_spec"),
        ({"origin": "EXTERNAL"}, "comes from EXTERNAL"),
    ],
)
def test_what_a_person_has_to_decide_stands_alone_with_its_remedy(metadata: dict[str, Any], words: str) -> None:
    wanted = target(description="new")
    steps = plan(wanted, as_declared(target(), **metadata))
    assert {step.action for step in steps} == {"refuse"}
    assert words in " ".join(step.summary for step in steps)
    assert all(step.reason for step in steps)


def test_a_needless_call_that_would_move_the_rotation_date_is_not_planned() -> None:
    wanted = target(rotation_period_in_days=200)
    seen = as_declared(wanted)
    assert plan(wanted, seen) == ()
    (step,) = plan(target(rotation_period_in_days=90), seen)
    assert (step.action, step.after, step.before) == ("rotate", 90, 200)


def test_whether_the_caller_can_change_a_policy_again_is_asked_where_one_is_written() -> None:
    wanted = replace(target(), caller="arn:aws:sts::111122223333:assumed-role/auditor/session")
    state = as_declared(wanted)
    described = plan(wanted, replace(state, keys=(replace(state.keys[0], tags={}),)))
    assert [step.action for step in described] == ["tag"]
    for steps, asked in ((), False), (described, False), (plan(wanted, KeyState()), True):
        results = prove_plan([KeyPlan(wanted, state, steps)])["a"]
        assert ("caller-can-change-policy" in {item.result.id for item in results}) is asked
