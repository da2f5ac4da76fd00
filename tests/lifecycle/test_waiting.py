"""Waits end for one of three reasons, which are told apart."""

from __future__ import annotations

import threading

import pytest

from keywright._internal.aws import AccessDenied, InvalidState, NotFound
from keywright._internal.lifecycle.waiting import Interrupted, NotVisibleYet, Waits
from keywright.errors import KeywrightError


class Ticking(Waits):
    """Waits in no time."""

    def pause(self, seconds: float) -> None:
        times.append(seconds)


times: list[float] = []


def ticking(seconds: float = 10) -> Waits:
    times.clear()
    return Ticking(seconds=seconds, clock=lambda: sum(times))


def test_what_is_not_visible_yet_is_waited_for() -> None:
    answers = [NotFound("not there"), InvalidState("is creating", state="creating"), "there"]

    def look() -> str:
        answer = answers.pop(0)
        if isinstance(answer, KeywrightError):
            raise answer
        return answer

    assert ticking().visible(look) == "there"


def test_what_stays_invisible_ends_after_our_patience_and_says_so() -> None:
    def look() -> None:
        raise NotFound("there is no such key")

    with pytest.raises(NotVisibleYet, match="doesn't see it yet after 10 seconds"):
        ticking().visible(look)
    assert 8 <= sum(times) <= 10


@pytest.mark.parametrize("error", [AccessDenied("no"), InvalidState("is pending deletion", state="pending deletion")])
def test_what_is_forbidden_or_cannot_change_by_itself_ends_at_once(error: KeywrightError) -> None:
    def look() -> None:
        raise error

    with pytest.raises(type(error)):
        ticking().visible(look)
    assert times == []


def test_the_trace_of_a_state_that_we_have_just_ended_is_waited_out() -> None:
    answers: list[KeywrightError | None] = [InvalidState("is pending deletion", state="pending deletion"), None]

    def look() -> bool:
        answer = answers.pop(0)
        if answer:
            raise answer
        return True

    assert ticking().visible(look, after="pending deletion")


def test_a_person_can_end_every_wait() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        Waits(seconds=60, stop=stop).until(lambda: None, what="nothing")


def test_a_wait_says_what_is_waited_for() -> None:
    told: list[str] = []
    times.clear()
    waits = Ticking(seconds=10, clock=lambda: sum(times), notice=lambda what, _: told.append(what))
    assert waits.until(lambda: None, 5, what="KMS to show the tags") is None
    assert set(told) == {"KMS to show the tags"}
