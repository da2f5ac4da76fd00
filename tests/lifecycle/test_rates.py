"""Runs are as fast as the slowest of AWS's request quotas lets them be, and aren't throttled.

The real code, with its workers, pacing and retries, on simulated time; `benchmarks/rates.py` measures more keys.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from keywright._internal.aws.quotas import REQUESTS_PER_SECOND
from keywright._internal.lifecycle.reporting import Silent
from simulated_fleet import change_all, create_all, destroy_all, fleet, restore_all
from simulated_kms import SimulatedAws
from simulated_time import SimulatedTime

KEYS = 500
CREATING = KEYS / REQUESTS_PER_SECOND["CreateKey"]
REPLICATING = KEYS * 2 / REQUESTS_PER_SECOND["CreateKey"]
"""A ReplicateKey counts as two CreateKey in the replica's Region."""


@pytest.fixture
def aws() -> SimulatedAws:
    return SimulatedAws(SimulatedTime())


@pytest.mark.parametrize(("replicas", "bound"), [(0, CREATING), (KEYS, REPLICATING), (KEYS // 2, CREATING)])
def test_new_keys_take_what_the_slowest_quota_takes_and_no_call_is_throttled(
    aws: SimulatedAws, replicas: int, bound: float
) -> None:
    outcomes = create_all(aws, fleet(KEYS, replicas=replicas))
    assert [outcome.error for outcome in outcomes] == [None] * KEYS
    assert aws.seconds <= 1.05 * bound
    assert not aws.throttled
    assert {aws.accepted[name] for name in ("CreateKey", "CreateAlias", "EnableKeyRotation")} == {KEYS}
    assert aws.accepted["ReplicateKey"] == replicas


def test_replicas_in_several_regions_take_what_replication_takes_in_the_keys_own(aws: SimulatedAws) -> None:
    regions = {region: {} for region in ("eu-west-1", "ap-south-1", "us-west-2")}
    outcomes = create_all(aws, fleet(KEYS, multi_region=True, replica_regions=regions))
    assert [outcome.error for outcome in outcomes] == [None] * KEYS
    assert aws.seconds <= 1.05 * KEYS * len(regions) / REQUESTS_PER_SECOND["ReplicateKey"]
    assert not aws.throttled


@pytest.mark.parametrize("replicas", [0, KEYS])
def test_apply_adapts_when_somebody_else_uses_half_of_every_quota(aws: SimulatedAws, replicas: int) -> None:
    calm = REPLICATING if replicas else CREATING
    aws.others = lambda now: 0.5 if now > calm / 2 else 0.0
    outcomes = create_all(aws, fleet(KEYS, replicas=replicas))
    assert [outcome.error for outcome in outcomes] == [None] * KEYS
    assert aws.seconds <= 1.1 * 1.5 * calm
    assert aws.throttled.total() <= 0.02 * aws.accepted.total()


def test_apply_is_fast_again_once_it_has_the_quota_to_itself(aws: SimulatedAws) -> None:
    aws.others = lambda now: 0.5 if 10 < now < 30 else 0.0
    create_all(aws, fleet(KEYS))
    assert aws.seconds <= 1.35 * CREATING


def test_a_change_of_all_keys_overlaps_what_different_quotas_hold_up(aws: SimulatedAws) -> None:
    create_all(aws, fleet(KEYS))
    role = "arn:aws:iam::111122223333:role/app"
    outcomes = change_all(aws, fleet(KEYS, tags={"Team": "payments"}, key_user_arns=[role]))
    assert [outcome.error for outcome in outcomes] == [None] * KEYS
    assert aws.accepted["PutKeyPolicy"] == aws.accepted["TagResource"] == KEYS
    assert aws.seconds <= 1.05 * KEYS / REQUESTS_PER_SECOND["TagResource"] + 2
    assert not aws.throttled


@pytest.mark.parametrize("age", [timedelta(0), timedelta(hours=1)])
def test_keys_of_others_that_have_no_tags_are_looked_at_for_a_while_and_not_for_ever(
    aws: SimulatedAws, age: timedelta
) -> None:
    aws.add_untagged(50, age=age)
    create_all(aws, fleet(KEYS))
    assert aws.seconds <= 1.05 * CREATING + 4 * 3
    assert aws.accepted["ListResourceTags"] <= KEYS + 50 * (40 if age == timedelta(0) else 1)


def test_destroy_and_restore_take_what_their_slowest_quota_takes(aws: SimulatedAws) -> None:
    keys = fleet(KEYS)
    create_all(aws, keys)
    assert all(outcome.error is None for outcome in destroy_all(aws, keys))
    assert aws.accepted["ScheduleKeyDeletion"] == aws.accepted["DeleteAlias"] == KEYS
    assert aws.seconds <= 1.05 * KEYS / REQUESTS_PER_SECOND["ScheduleKeyDeletion"] + 2
    assert not aws.throttled
    assert all(outcome.error is None for outcome in restore_all(aws, keys))
    assert aws.accepted["CancelKeyDeletion"] == aws.accepted["EnableKey"] == aws.accepted["CreateAlias"] == KEYS
    assert aws.seconds <= 1.05 * KEYS / REQUESTS_PER_SECOND["CancelKeyDeletion"]
    assert not aws.throttled
    assert not {"ListKeys", "ListAliases", "GetResources"} & aws.accepted.keys()


def test_quotas_that_were_raised_are_read_from_service_quotas(aws: SimulatedAws) -> None:
    aws.quotas = aws.applied = {**REQUESTS_PER_SECOND, "CreateKey": 25, "CreateAlias": 25}
    create_all(aws, fleet(KEYS))
    assert aws.seconds <= 1.05 * KEYS / REQUESTS_PER_SECOND["EnableKeyRotation"] + 3
    assert not aws.throttled
    assert aws.accepted["ListServiceQuotas"] == 1


class Foretold(Silent):
    """Notes what was foretold, and when."""

    def __init__(self, aws: SimulatedAws) -> None:
        self.noted: list[tuple[float, float]] = []
        self._aws = aws

    def begin(self, _doing: str, _total: int, seconds_left: Callable[[], float] = lambda: 0.0) -> None:
        self._seconds_left = seconds_left

    def advance(self) -> None:
        self.noted.append((self._aws.seconds, self._seconds_left()))


def test_the_time_that_is_left_is_foretold(aws: SimulatedAws) -> None:
    report = Foretold(aws)
    create_all(aws, fleet(KEYS, replicas=KEYS), report)
    assert len(report.noted) == KEYS
    assert all(abs(at + left - aws.seconds) <= 0.05 * aws.seconds for at, left in report.noted)
