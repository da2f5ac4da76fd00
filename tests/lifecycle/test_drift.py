"""`keywright drift`: access gained and lost, fingerprints of meaning, and only what is new since the last run."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aws_directly import Aws
from command_line import Keywright
from keywright._internal.aws import KeyMetadata, RotationStatus
from keywright._internal.lifecycle.drift import drifts
from keywright._internal.lifecycle.key_state import KeyState, LiveKey
from keywright._internal.lifecycle.planning import plan
from keywright._internal.lifecycle.steps import KeyPlan
from keywright._internal.lifecycle.target import Target
from keywright._internal.model.key import Key
from keywright._internal.model.key_location import KeyLocation

ACCOUNT = "111122223333"
FILE = "stack: s\nregion: us-east-1\nkeys:\n  app: {aliases: [app], description: app}\n  other: {}\n"


@pytest.fixture
def applied(keywright: Keywright) -> Keywright:
    (keywright.directory / "keys.yaml").write_text(FILE)
    keywright.run("apply", "keys.yaml", "--yes").succeeded()
    return keywright


def key_of(aws: Aws, name: str) -> str:
    made = aws.live()
    return next(str(item["Arn"]) for item in made if aws.tags(item["Arn"]).get("keywright:key") == name)


def open_to_all(aws: Aws, arn: str) -> None:
    policy = json.loads(aws.kms("GetKeyPolicy", KeyId=arn, PolicyName="default")["Policy"])
    policy["Statement"].append({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"})
    aws.kms("PutKeyPolicy", KeyId=arn, PolicyName="default", Policy=json.dumps(policy))


def test_no_drift_is_exit_0_and_a_fingerprint_that_stays(applied: Keywright) -> None:
    first = applied.run("drift", "keys.yaml", "--json").succeeded().document
    second = applied.run("drift", "keys.yaml", "--json").succeeded().document
    assert {item["status"] for item in first["keys"].values()} == {"in_sync"}
    assert first["keys"] == second["keys"]


def test_a_policy_that_somebody_opened_is_told_as_access_gained_with_a_witness(applied: Keywright, aws: Aws) -> None:
    open_to_all(aws, key_of(aws, "app"))
    run = applied.run("drift", "keys.yaml", "--json")
    assert run.code == 1
    item = run.document["keys"]["app"]
    assert item["status"] == "drift"
    (access,) = [difference["access"] for difference in item["differences"]]
    assert access["lost"] == []
    assert any("kms:Decrypt" in change["witness"]["request"]["action"] for change in access["gained"])
    text = applied.run("drift", "keys.yaml").out
    assert "app: drift detected" in text
    assert "1 of 2 keys in sync" in text


def test_since_the_last_run_only_what_is_new_counts(applied: Keywright, aws: Aws) -> None:
    open_to_all(aws, key_of(aws, "app"))
    last = applied.directory / "last.json"
    last.write_text(applied.run("drift", "keys.yaml", "--json").out)
    same = applied.run("drift", "keys.yaml", "--since", last, "--json").succeeded().document
    assert same["keys"]["app"]["news"] == "known"
    aws.kms("DisableKey", KeyId=key_of(aws, "other"))
    more = applied.run("drift", "keys.yaml", "--since", last, "--json")
    assert (more.code, more.document["keys"]["other"]["news"]) == (1, "new")
    applied.run("apply", "keys.yaml", "--yes").succeeded()
    mended = applied.run("drift", "keys.yaml", "--since", last, "--json").succeeded().document
    assert mended["keys"]["app"]["news"] == "resolved"


def test_a_key_that_is_gone_is_missing_and_sarif_places_it_in_the_file(applied: Keywright, aws: Aws) -> None:
    arn = key_of(aws, "other")
    aws.kms("UntagResource", KeyId=arn, TagKeys=["keywright:key"])
    run = applied.run("drift", "keys.yaml", "--json")
    assert (run.code, run.document["keys"]["other"]["status"]) == (1, "missing")
    (result,) = applied.run("drift", "keys.yaml", "--sarif").succeeded().document["runs"][0]["results"]
    assert result["ruleId"] == "missing-key"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 5


@pytest.mark.parametrize("text", ["", "[]", '{"keys": []}', '{"keys": {"a": 1}}'])
def test_what_is_no_earlier_run_is_refused(keywright: Keywright, text: str) -> None:
    (keywright.directory / "keys.yaml").write_text(FILE)
    last = keywright.directory / "last.json"
    last.write_text(text)
    refused = keywright.run("drift", "keys.yaml", "--since", last)
    assert (refused.code, "last.json" in refused.err) == (2, True)


OWN = f"arn:aws:iam::{ACCOUNT}"
POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": f"{OWN}:root"}, "Action": "kms:*", "Resource": "*"},
        {
            "Sid": "Use",
            "Effect": "Allow",
            "Principal": {"AWS": [f"{OWN}:role/a", f"{OWN}:role/b", ACCOUNT], "Service": "logs.amazonaws.com"},
            "Action": ["kms:Decrypt", "kms:Encrypt", "kms:ReEncrypt*"],
            "Resource": "*",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": [ACCOUNT, "444455556666"], "kms:CallerAccount": ACCOUNT},
                "Bool": {"kms:GrantIsForAWSResource": "true"},
            },
        },
        {"Effect": "Deny", "Principal": "*", "Action": ["kms:ScheduleKeyDeletion"], "Resource": ["*"]},
    ],
}


def as_aws_shows_it(value: Any, chance: random.Random) -> Any:
    """The same with its order shuffled, lists of one shortened and made, and accounts as their roots."""
    if isinstance(value, dict):
        items = [(name, as_aws_shows_it(item, chance)) for name, item in value.items()]
        chance.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        shown = [as_aws_shows_it(item, chance) for item in value]
        chance.shuffle(shown)
        return shown[0] if len(shown) == 1 and isinstance(shown[0], str) and chance.random() < 0.5 else shown
    return value


def planned(live: str, **changes: Any) -> KeyPlan:
    arn = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    location = KeyLocation("aws", ACCOUNT, "us-east-1")
    key = Key(policy=json.dumps(POLICY), description="")
    target = Target("s", "k", key, location, declared=key)
    metadata = KeyMetadata(
        key_id=arn.rpartition("/")[2], arn=arn, account=ACCOUNT, region="us-east-1", state="Enabled", enabled=True,
        spec="SYMMETRIC_DEFAULT", usage="ENCRYPT_DECRYPT", origin="AWS_KMS", description=changes.get("description", ""),
        multi_region=False, multi_region_type=None, primary_arn=None, replica_arns=(),
        creation_date=datetime(2026, 1, 1, tzinfo=UTC), deletion_date=None, pending_deletion_window_in_days=None,
        manager="CUSTOMER", signing_algorithms=(), encryption_algorithms=(), mac_algorithms=(),
        key_agreement_algorithms=(),
    )  # fmt: skip
    state = KeyState((LiveKey(metadata, live, target.tags, RotationStatus(True, 365)),))
    return KeyPlan(target, state, plan(target, state))


(BEFORE,) = drifts([planned(json.dumps(POLICY))], {})


@given(st.randoms(use_true_random=False))
def test_what_aws_shuffles_and_shortens_is_no_drift_and_keeps_the_fingerprint(chance: random.Random) -> None:
    (after,) = drifts([planned(json.dumps(as_aws_shows_it(POLICY, chance)))], {})
    assert (after.status, after.fingerprint) == ("in_sync", BEFORE.fingerprint)


def test_a_thousand_rereads_have_no_false_drift() -> None:
    chance = random.Random(1)
    shown = (json.dumps(as_aws_shows_it(POLICY, chance)) for _ in range(1000))
    assert {item.fingerprint for item in drifts(map(planned, shown), {})} == {BEFORE.fingerprint}


def test_any_real_change_changes_the_fingerprint() -> None:
    less = json.dumps({**POLICY, "Statement": POLICY["Statement"][:-1]})
    found = drifts([planned(less), planned(json.dumps(POLICY), description="other")], {})
    assert len({BEFORE.fingerprint, *(item.fingerprint for item in found)}) == 3
    assert {item.status for item in found} == {"drift"}


def test_a_policy_that_cannot_be_read_is_drift_and_undecided() -> None:
    (item,) = drifts([planned("no policy")], {})
    assert item.status == "drift"
    assert item.differences[0].access is not None
    assert item.differences[0].access.undecided
