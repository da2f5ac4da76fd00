"""When a call is tried again, and when nobody may."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright._internal.aws.pacing import Pacing
from keywright._internal.aws.retrying import GaveUp, Patience, Verdict, keep_trying


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def patience(clock: Clock, seconds: float = 60.0) -> Patience:
    return Patience(seconds, clock=clock.read, sleep=clock.sleep, spread=lambda _low, high: high)


def attempts_until_giving_up(verdict: Verdict, *, repeatable: bool) -> int:
    def fail() -> None:
        raise OSError

    with pytest.raises(GaveUp) as caught:
        keep_trying(fail, lambda _error: verdict, repeatable=repeatable, patience=patience(Clock()))
    return caught.value.attempts


@pytest.mark.parametrize("verdict", [Verdict.UNKNOWN, Verdict.GARBLED])
def test_a_call_that_may_have_happened_is_never_sent_twice_unless_twice_is_the_same_as_once(verdict: Verdict) -> None:
    assert attempts_until_giving_up(verdict, repeatable=False) == 1
    assert attempts_until_giving_up(verdict, repeatable=True) > 1


@pytest.mark.parametrize("verdict", [Verdict.REJECTED, Verdict.NOT_SENT])
def test_a_call_that_was_not_carried_out_for_certain_is_always_tried_again(verdict: Verdict) -> None:
    assert attempts_until_giving_up(verdict, repeatable=False) > 1


def test_an_answer_that_is_final_is_not_asked_for_again() -> None:
    assert attempts_until_giving_up(Verdict.FINAL, repeatable=True) == 1


def test_an_exception_that_is_not_about_the_attempt_passes_through() -> None:
    def fail() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keep_trying(fail, lambda _error: None, repeatable=True, patience=patience(Clock()))


@given(st.floats(min_value=0, max_value=600))
def test_patience_ends_in_time(seconds: float) -> None:
    clock = Clock()

    def fail() -> None:
        raise OSError

    with pytest.raises(GaveUp):
        keep_trying(fail, lambda _error: Verdict.REJECTED, repeatable=True, patience=patience(clock, seconds))
    assert clock.now <= seconds


@given(st.integers(min_value=1, max_value=60), st.sampled_from([2.0, 5.0, 15.0]))
def test_pacing_keeps_any_number_of_calls_within_the_quota(calls: int, rate: float) -> None:
    clock = Clock()
    pacing = Pacing({"CreateKey": rate}, clock.read, clock.sleep)
    for _ in range(calls):
        pacing.wait("111122223333", "us-east-1", "CreateKey")
    burst = max(1.0, rate * 0.2)
    assert clock.now >= (calls - burst) / rate - 1e-6


def test_accounts_regions_and_operations_do_not_wait_for_each_other() -> None:
    clock = Clock()
    pacing = Pacing({"CreateKey": 1.0, "CreateAlias": 1.0}, clock.read, clock.sleep)
    for account, region, operation in (
        ("1", "a", "CreateKey"),
        ("2", "a", "CreateKey"),
        ("1", "b", "CreateKey"),
        ("1", "a", "CreateAlias"),
        ("1", "a", "Unlimited"),
    ):
        pacing.wait(account, region, operation)
    assert clock.now == 0.0


def test_where_nothing_listens_it_is_given_up_within_three_seconds() -> None:
    clock = Clock()

    def fail() -> None:
        raise OSError

    with pytest.raises(GaveUp):
        keep_trying(fail, lambda _error: Verdict.NOT_SENT, repeatable=True, patience=patience(clock, 60))
    assert clock.now <= 3


def test_what_is_waited_for_and_for_how_long_is_told_after_a_second() -> None:
    clock = Clock()
    told: list[tuple[str, float]] = []

    def fail() -> None:
        raise OSError

    telling = replace(patience(clock, 60), notice=lambda what, seconds: told.append((what, seconds)))
    with pytest.raises(GaveUp):
        keep_trying(fail, lambda _error: Verdict.REJECTED, repeatable=True, patience=telling)
    assert {what for what, _ in told} == {"AWS to stop throttling"}
    assert all(0 <= seconds <= 59 for _, seconds in told)
