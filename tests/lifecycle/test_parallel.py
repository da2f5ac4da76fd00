"""Working on many keys at a time."""

from __future__ import annotations

import signal
from threading import Event

import pytest

from keywright._internal.lifecycle.parallel import on_each


def test_results_are_in_the_order_of_the_items() -> None:
    late = Event()

    def work(number: int) -> int:
        if number:
            late.set()
        else:
            late.wait(30)
        return number

    assert on_each(range(3), work) == [0, 1, 2]


def test_the_caller_does_something_else_while_the_work_is_under_way() -> None:
    done = Event()
    assert on_each(["a"], lambda _: done.wait(30), meanwhile=done.set) == [True]


def test_a_failure_of_what_the_caller_does_meanwhile_is_told() -> None:
    def fail() -> None:
        raise ValueError("meanwhile")

    with pytest.raises(ValueError, match="meanwhile"):
        on_each(["a"], str.upper, meanwhile=fail)


def test_after_ctrl_c_nothing_new_is_begun_and_only_what_is_under_way_is_waited_for() -> None:
    begun: list[int] = []
    going_on, free = Event(), Event()

    def work(number: int) -> None:
        begun.append(number)
        going_on.set()
        free.wait(30)

    def interrupt() -> None:
        going_on.wait(30)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        on_each(range(100), work, workers=2, meanwhile=interrupt, interrupted=free.set)
    assert len(begun) <= 4
