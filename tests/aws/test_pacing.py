"""Calls are spread so that no quota is exceeded, and a line that is throttled slows down and recovers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sleeping_clock import SleepingClock

from keywright._internal.aws.pacing import Pacing, Quota

CREATE = Quota("111122223333", "us-east-1", "CreateKey")


def pacing(clock: SleepingClock, **quotas: float) -> Pacing:
    return Pacing(quotas, clock.read, clock.sleep, loopback=False)


@given(st.integers(min_value=1, max_value=60), st.sampled_from([2.0, 5.0, 15.0, 1000.0]))
def test_no_second_has_more_calls_than_the_quota(calls: int, rate: float) -> None:
    clock = SleepingClock()
    paced = pacing(clock, CreateKey=rate)
    slots = [paced.wait(CREATE) for _ in range(calls)]
    assert all(later - earlier > 1 for earlier, later in zip(slots, slots[int(rate) :], strict=False))
    assert clock.now <= 1.03 * (calls - 1) / rate


def test_a_call_that_counts_twice_takes_two_slots() -> None:
    clock = SleepingClock()
    paced = pacing(clock, CreateKey=5)
    slots = [paced.wait(CREATE, 2) for _ in range(3)]
    assert [later - earlier for earlier, later in pairwise(slots)] == pytest.approx([0.4 / 0.98] * 2)


@pytest.mark.parametrize(
    "other",
    [
        Quota("222233334444", CREATE.region, CREATE.operation),
        Quota(CREATE.account, "eu-west-1", CREATE.operation),
        Quota(CREATE.account, CREATE.region, "CreateAlias"),
    ],
)
def test_accounts_regions_and_operations_do_not_wait_for_each_other(other: Quota) -> None:
    clock = SleepingClock()
    paced = pacing(clock, CreateKey=1, CreateAlias=1)
    paced.wait(CREATE)
    paced.wait(other)
    assert clock.now == 0.0


def test_a_throttled_line_slows_down_and_is_back_at_its_rate_within_a_minute() -> None:
    clock = SleepingClock()
    paced = pacing(clock, CreateKey=5)
    slot = paced.wait(CREATE)
    calm = paced.rate(CREATE)
    paced.throttled([CREATE], slot)
    assert paced.rate(CREATE) == pytest.approx(0.8 * calm)
    clock.sleep(60)
    assert paced.rate(CREATE) == calm


def test_calls_that_were_sent_before_a_line_slowed_down_do_not_slow_it_down_again() -> None:
    clock = SleepingClock()
    paced = pacing(clock, CreateKey=5)
    slots = [paced.wait(CREATE) for _ in range(3)]
    paced.throttled([CREATE], slots[0])
    slowed = paced.rate(CREATE)
    for slot in slots[1:]:
        paced.throttled([CREATE], slot)
    assert paced.rate(CREATE) == slowed


def test_a_line_that_is_always_throttled_never_stands_still() -> None:
    clock = SleepingClock()
    paced = pacing(clock, CreateKey=5)
    for _ in range(100):
        paced.throttled([CREATE], paced.wait(CREATE))
    assert paced.rate(CREATE) >= 0.1


def test_of_several_quotas_that_a_throttled_call_draws_on_the_line_with_the_longest_wait_slows_down() -> None:
    clock = SleepingClock()
    there = Quota(CREATE.account, CREATE.region, "ReplicateKey")
    paced = pacing(clock, CreateKey=5, ReplicateKey=5)
    paced.wait(CREATE, 2)
    paced.throttled([CREATE, there], paced.wait(there))
    assert paced.rate(CREATE) < paced.rate(there)


def test_this_machine_is_paced_from_the_first_throttled_call_on() -> None:
    paced = pacing(SleepingClock(), CreateKey=5)
    assert paced.applies("CreateKey", loopback=False)
    assert not paced.applies("CreateKey", loopback=True)
    paced.throttled([CREATE], 0)
    assert paced.applies("CreateKey", loopback=True)
    assert not paced.applies("Decrypt", loopback=False)


def test_aws_is_asked_for_its_quotas_once_and_only_when_the_line_is_long() -> None:
    clock, asked = SleepingClock(), []
    paced = pacing(clock, CreateKey=0.5)

    def ask() -> dict[str, float]:
        asked.append(clock.now)
        return {"CreateKey": 5.0}

    paced.wait(CREATE, 1, ask)
    assert asked == []
    for _ in range(3):
        paced.wait(CREATE, 1, ask)
    assert len(asked) == 1
    assert clock.now == pytest.approx(3 * 0.2 / 0.98)


def test_an_interrupted_wait_sends_nothing_and_leaves_no_line_behind_it() -> None:
    def stop(_seconds: float) -> None:
        raise KeyboardInterrupt

    paced = Pacing({"CreateKey": 5}, lambda: 0.0, stop, loopback=False)
    paced.wait(CREATE)
    with pytest.raises(KeyboardInterrupt):
        paced.wait(CREATE)
    assert not paced._lines[CREATE].waiting


def test_an_account_whose_work_is_done_is_forgotten() -> None:
    paced = pacing(SleepingClock(), CreateKey=5)
    other = Quota("222233334444", CREATE.region, CREATE.operation)
    for quota in (CREATE, other):
        paced.wait(quota)
    paced.forget(CREATE.account)
    assert list(paced._lines) == [other]
