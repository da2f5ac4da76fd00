"""Working on many keys at a time."""

from __future__ import annotations

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
