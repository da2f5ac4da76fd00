"""Runs that race end with one live key a name, and a lost answer never makes a second key."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aws_directly import Aws
from command_line import Keywright
from keywright._internal.aws import Cloud, KeyService, OutcomeUnknown, Patience, Settings
from keywright._internal.keysfile.stack import load_stack
from keywright._internal.lifecycle.apply import apply
from keywright._internal.lifecycle.creation_race import observe_settled
from keywright._internal.lifecycle.observation import Observation, observe
from keywright._internal.lifecycle.planning import plan_all
from keywright._internal.lifecycle.reporting import KeyOutcome, Silent
from keywright._internal.lifecycle.target import DUPLICATE_TAG, Target, locate
from keywright._internal.lifecycle.waiting import NotVisibleYet, Waits
from keywright._internal.sandbox import Sandbox

IDENTITY = [{"TagKey": "keywright:stack", "TagValue": "s"}, {"TagKey": "keywright:key", "TagValue": "a"}]
WAITS = Waits(seconds=8)


@pytest.fixture
def cloud(sandbox: Sandbox, account: str, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    for name, value in sandbox.environment(account).items():
        monkeypatch.setenv(name, value)
    return Cloud(Settings(), patience=Patience(5))


@pytest.fixture
def targets(cloud: Cloud, tmp_path: Path) -> tuple[Target, ...]:
    (tmp_path / "keys.yaml").write_text("stack: s\nregion: us-east-1\nkeys:\n  a: {aliases: [a]}\n")
    return locate(load_stack(tmp_path / "keys.yaml"), lambda r, region: cloud.caller(r, region=region), None).targets


def applied(cloud: Cloud, targets: tuple[Target, ...], seen: Observation) -> KeyOutcome:
    known = {place: listing.known or frozenset() for place, listing in seen.listings.items()}
    (outcome,) = apply(cloud, plan_all(targets, seen.states), Silent(), WAITS, known=known)
    return outcome


def test_the_run_that_came_second_takes_the_older_key_and_removes_its_own_unused_one(
    cloud: Cloud, targets: tuple[Target, ...], aws: Aws
) -> None:
    before = observe(cloud, targets)
    winner = aws.kms("CreateKey", Tags=IDENTITY)["KeyMetadata"]
    outcome = applied(cloud, targets, before)
    assert outcome.error is None
    everything = aws.keys()
    (loser,) = [key for key in everything if key["KeyId"] != winner["KeyId"]]
    assert loser["KeyState"] == "PendingDeletion"
    assert aws.tags(loser["KeyId"])[DUPLICATE_TAG] == winner["KeyId"]
    assert aws.aliases() == {"alias/a": winner["KeyId"]}


def test_a_removed_duplicate_does_not_stand_in_the_way_of_destroy_and_restore(
    cloud: Cloud, targets: tuple[Target, ...], aws: Aws, keywright: Keywright
) -> None:
    before = observe(cloud, targets)
    winner = aws.kms("CreateKey", Tags=IDENTITY)["KeyMetadata"]
    applied(cloud, targets, before)
    keywright.run("destroy", "keys.yaml", "--yes").succeeded()
    keywright.run("restore", "keys.yaml").succeeded()
    assert [key["KeyId"] for key in aws.live()] == [winner["KeyId"]]
    keywright.run("plan", "keys.yaml").succeeded()


def test_a_duplicate_that_a_killed_run_had_marked_is_removed_by_the_next(
    cloud: Cloud, targets: tuple[Target, ...], aws: Aws
) -> None:
    applied(cloud, targets, observe(cloud, targets))
    mark = {"TagKey": DUPLICATE_TAG, "TagValue": aws.aliases()["alias/a"]}
    aws.kms("CreateKey", Tags=[*IDENTITY, mark])
    outcome = applied(cloud, targets, observe(cloud, targets))
    assert outcome.error is None
    assert [key["KeyId"] for key in aws.live()] == [aws.aliases()["alias/a"]]


def test_two_live_keys_that_may_both_have_been_used_are_named_and_neither_is_touched(
    cloud: Cloud, targets: tuple[Target, ...], aws: Aws
) -> None:
    keys = {aws.kms("CreateKey", Tags=IDENTITY)["KeyMetadata"]["Arn"] for _ in range(2)}
    outcome = applied(cloud, targets, observe(cloud, targets))
    assert outcome.error is not None
    assert all(arn in outcome.error.message for arn in keys)
    assert {key["Arn"] for key in aws.live()} == keys


def test_a_race_that_another_run_is_just_settling_is_waited_out(
    cloud: Cloud, targets: tuple[Target, ...], aws: Aws
) -> None:
    keys = [aws.kms("CreateKey", Tags=IDENTITY)["KeyMetadata"]["KeyId"] for _ in range(2)]
    looks = 0

    class Settling(Waits):
        def pause(self, _seconds: float) -> None:
            nonlocal looks
            looks += 1
            if looks == 1:
                mark = [{"TagKey": DUPLICATE_TAG, "TagValue": keys[0]}]
                aws.kms("TagResource", KeyId=keys[1], Tags=mark)
                aws.kms("ScheduleKeyDeletion", KeyId=keys[1], PendingWindowInDays=7)

    seen = observe_settled(cloud, targets, Settling(seconds=8))
    assert [key.metadata.key_id for key in seen.states["a"].live] == [keys[0]]
    assert looks >= 1


@pytest.mark.parametrize("happened", [True, False])
@pytest.mark.parametrize("method", ["create_key", "create_alias", "replicate_key"])
def test_a_call_whose_answer_was_lost_is_looked_for_before_it_is_sent_again(
    method: str, happened: bool, cloud: Cloud, tmp_path: Path, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keys.yaml").write_text(
        "stack: s\nregion: us-east-1\nkeys:\n"
        "  a: {aliases: [a], multi_region: true, replica_regions: {eu-west-1: {}}}\n"
    )
    stack = load_stack(tmp_path / "keys.yaml")
    targets = locate(stack, lambda r, region: cloud.caller(r, region=region), None).targets
    send: Callable[..., Any] = getattr(KeyService, method)
    sent = 0

    def lossy(*arguments: Any, **more: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent > 1:
            return send(*arguments, **more)
        if happened:
            send(*arguments, **more)
        raise OutcomeUnknown("the connection was closed without an answer")

    monkeypatch.setattr(KeyService, method, lossy)
    outcome = applied(cloud, targets, observe(cloud, targets))
    assert outcome.error is None
    assert sent == (1 if happened else 2)
    assert len(aws.keys()) == len(aws.keys("eu-west-1")) == len(aws.aliases()) == 1


def test_a_policy_that_somebody_changed_since_it_was_read_is_not_overwritten(
    cloud: Cloud, targets: tuple[Target, ...], aws: Aws, tmp_path: Path
) -> None:
    applied(cloud, targets, observe(cloud, targets))
    key = aws.aliases()["alias/a"]
    role = f"arn:aws:iam::{aws.account}:role/app"
    (tmp_path / "keys.yaml").write_text(
        f"stack: s\nregion: us-east-1\nkeys:\n  a: {{aliases: [a], key_user_arns: ['{role}']}}\n"
    )
    stack = load_stack(tmp_path / "keys.yaml")
    changed = locate(stack, lambda r, region: cloud.caller(r, region=region), None).targets
    before = observe(cloud, changed)
    policy = json.loads(aws.kms("GetKeyPolicy", KeyId=key, PolicyName="default")["Policy"])
    theirs = {"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": role}, "Action": "kms:Sign", "Resource": "*"}
    policy["Statement"].append(theirs)
    aws.kms("PutKeyPolicy", KeyId=key, PolicyName="default", Policy=json.dumps(policy))
    outcome = applied(cloud, changed, before)
    assert outcome.error is not None
    assert "somebody has changed the policy" in outcome.error.message
    assert "Theirs" in aws.kms("GetKeyPolicy", KeyId=key, PolicyName="default")["Policy"]


def test_a_key_that_is_listed_late_holds_up_no_other(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keys.yaml").write_text("stack: s\nregion: us-east-1\nkeys:\n  a: {}\n  b: {}\n  late: {}\n")
    stack = load_stack(tmp_path / "keys.yaml")
    targets = locate(stack, lambda r, region: cloud.caller(r, region=region), None).targets
    hidden: list[str] = []
    create: Callable[..., Any] = KeyService.create_key
    listing: Callable[..., Any] = KeyService.key_arns

    def noted(self: KeyService, **carried: Any) -> Any:
        made = create(self, **carried)
        hidden.extend([made.arn] if carried["tags"]["keywright:key"] == "late" else [])
        return made

    monkeypatch.setattr(KeyService, "create_key", noted)
    monkeypatch.setattr(KeyService, "key_arns", lambda self: tuple(set(listing(self)) - set(hidden)))
    seen = observe(cloud, targets)
    told: list[str] = []
    waits = Waits(seconds=3, race_window=0, notice=lambda what, _seconds: told.append(what))
    outcomes = {item.name: item.error for item in apply(cloud, plan_all(targets, seen.states), Silent(), waits)}
    assert outcomes["a"] is outcomes["b"] is None
    assert isinstance(outcomes["late"], NotVisibleYet)
    assert "KMS to list the keys that were just created" in told
