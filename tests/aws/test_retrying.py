"""When a call is tried again, and when nobody may."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sleeping_clock import SleepingClock

from keywright._internal.aws.retrying import GaveUp, Patience, Verdict, keep_trying


def patience(clock: SleepingClock, seconds: float = 60.0) -> Patience:
    return Patience(seconds, clock=clock.read, sleep=clock.sleep, spread=lambda _low, high: high)


def attempts_until_giving_up(verdict: Verdict, *, repeatable: bool) -> int:
    def fail() -> None:
        raise OSError

    with pytest.raises(GaveUp) as caught:
        keep_trying(fail, lambda _error: verdict, repeatable=repeatable, patience=patience(SleepingClock()))
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
        keep_trying(fail, lambda _error: None, repeatable=True, patience=patience(SleepingClock()))


@given(st.floats(min_value=0, max_value=600))
def test_patience_ends_in_time(seconds: float) -> None:
    clock = SleepingClock()

    def fail() -> None:
        raise OSError

    with pytest.raises(GaveUp):
        keep_trying(fail, lambda _error: Verdict.REJECTED, repeatable=True, patience=patience(clock, seconds))
    assert clock.now <= seconds


def test_waiting_for_a_turn_is_not_counted_as_trouble() -> None:
    clock = SleepingClock()
    attempts = 0

    def fail_twice() -> str:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise OSError
        return "done"

    ten = patience(clock, 10)
    judge = lambda _error: Verdict.REJECTED  # noqa: E731
    assert keep_trying(fail_twice, judge, repeatable=False, patience=ten, ready=lambda: clock.sleep(100)) == "done"


def test_where_nothing_listens_it_is_given_up_within_three_seconds() -> None:
    clock = SleepingClock()

    def fail() -> None:
        raise OSError

    with pytest.raises(GaveUp):
        keep_trying(fail, lambda _error: Verdict.NOT_SENT, repeatable=True, patience=patience(clock, 60))
    assert clock.now <= 3


def test_what_is_waited_for_and_for_how_long_is_told_after_a_second() -> None:
    clock = SleepingClock()
    told: list[tuple[str, float]] = []

    def fail() -> None:
        raise OSError

    telling = replace(patience(clock, 60), notice=lambda what, seconds: told.append((what, seconds)))
    with pytest.raises(GaveUp):
        keep_trying(fail, lambda _error: Verdict.REJECTED, repeatable=True, patience=telling)
    assert {what for what, _ in told} == {"AWS to stop throttling"}
    assert all(0 <= seconds <= 59 for _, seconds in told)
