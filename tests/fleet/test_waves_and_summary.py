"""Waves, stopping, and what a thousand accounts look like in few words; no AWS."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright._internal.fleet import rollout
from keywright._internal.fleet.account_work import AccountResult, AccountTask, PlanKeys
from keywright._internal.fleet.executors import Workers
from keywright._internal.fleet.rollout import Rollout
from keywright._internal.fleet.summary import groups
from keywright._internal.fleet.waves import waves
from keywright._internal.fleet.windowed import carried_out
from keywright._internal.model.account_share import AccountShare
from keywright._internal.model.account_targets import Deployment
from keywright._internal.model.key import Key
from keywright._internal.model.stack import Stack
from keywright.errors import UsageError

STACK = Stack(name="s", keys={"app": Key()})


def tasks(count: int) -> list[AccountTask]:
    return [
        AccountTask(PlanKeys(), Deployment(f"{number:012d}", "aws", None, None, {}), STACK) for number in range(count)
    ]


def accounts_of(wave: tuple[AccountTask, ...]) -> list[int]:
    return [int(task.deployment.account) for task in wave]


@given(st.integers(1, 60), st.integers(1, 100), st.booleans(), st.sets(st.integers(0, 59)))
def test_waves_hold_every_account_once_and_the_canaries_first(
    count: int, size: int, percent: bool, canaries: set[int]
) -> None:
    first = [number for number in canaries if number < count]
    found = waves(tasks(count), AccountShare(size, percent), [f"{number:012d}" for number in first])
    assert sorted(number for wave in found for number in accounts_of(wave)) == list(range(count))
    if first:
        assert accounts_of(found[0]) == sorted(first)
    most = max(1, (count - len(first)) * size // 100) if percent else size
    assert all(len(wave) <= most for wave in found[bool(first) :])


@pytest.mark.parametrize("text", ["0", "0%", "101%", "ten", "-1", "", "1.5"])
def test_what_is_no_size_of_a_wave_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="size of a wave"):
        AccountShare.parse(text, "the size of a wave")


def test_a_canary_of_no_target_is_refused() -> None:
    with pytest.raises(UsageError, match="no account of the targets"):
        waves(tasks(2), None, ["999999999999"])


def rolled_out(
    monkeypatch: pytest.MonkeyPatch,
    in_waves: list[list[AccountTask]],
    work: Callable[[AccountTask], AccountResult],
    most_failures: int | None,
) -> tuple[list[int | None], Rollout]:
    monkeypatch.setattr(rollout, "work_on", work)
    with ThreadPoolExecutor(2) as pool:
        run = Rollout(Workers(pool, 2), lambda _: None, most_failures)
        return [item.exit_code for item in run.run(in_waves)], run


def ending(codes: dict[int, int], *, entered: bool = True) -> Callable[[AccountTask], AccountResult]:
    def work(task: AccountTask) -> AccountResult:
        account = task.deployment.account
        return AccountResult(account, "", codes.get(int(account), 0), entered=entered)

    return work


@pytest.mark.parametrize(
    ("most_failures", "codes"),
    [(0, [0, 2, None, None, None, None]), (1, [0, 2, 0, 2, None, None]), (None, [0, 2, 0, 2, 0, 0])],
)
def test_after_too_many_failures_no_other_account_is_begun(
    monkeypatch: pytest.MonkeyPatch, most_failures: int | None, codes: list[int | None]
) -> None:
    every = tasks(6)
    two = [every[0:2], every[2:4], every[4:6]]
    assert rolled_out(monkeypatch, two, ending({1: 2, 3: 2}), most_failures)[0] == codes


def test_an_account_that_cannot_be_entered_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    every = tasks(4)
    work = ending({0: 2}, entered=False)
    assert rolled_out(monkeypatch, [every[:2], every[2:]], work, 0)[0] == [2, 0, 0, 0]


def test_one_that_is_stopped_lets_the_accounts_under_way_end_and_begins_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ThreadPoolExecutor(2) as pool:
        run = Rollout(Workers(pool, 2), lambda _: run.stop())
        monkeypatch.setattr(rollout, "work_on", ending({}))
        codes = [item.exit_code for item in run.run([tasks(9)])]
    assert run.interrupted
    assert codes == [0, 0] + [None] * 7


def test_a_worker_that_is_gone_fails_its_account_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(task: AccountTask) -> AccountResult:
        if task.deployment.account.endswith("1"):
            raise MemoryError
        return AccountResult(task.deployment.account, "", 0)

    assert rolled_out(monkeypatch, [tasks(3)], work, None)[0] == [0, 2, 0]


def test_a_pool_that_breaks_keeps_the_results_it_gave_and_names_the_accounts_it_left() -> None:
    class Breaking(ThreadPoolExecutor):
        left = 2

        def submit(self, *args: Any, **kwargs: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise BrokenProcessPool("a child process terminated abruptly")
            return super().submit(*args, **kwargs)

    with Breaking(2) as pool:
        found = dict(carried_out(Workers(pool, 2), str, range(7), lambda: False))
    assert [found[0], found[1]] == ["0", "1"]
    assert all("terminated abruptly" in str(found[number]) for number in range(2, 7))


def planned(account: str, *summaries: str) -> AccountResult:
    document: dict[str, Any] = {
        "counts": {"create": len(summaries), "update": 0, "unchanged": 0, "refused": 0},
        "changes": {"app": [{"action": "alias", "summary": text} for text in summaries]} if summaries else {},
        "claims": {},
        "findings": {},
        "notes": [],
        "errors": {},
    }
    return AccountResult(account, "", 0, document)


def test_a_thousand_accounts_with_equal_plans_are_one_group() -> None:
    numbers = [f"{number:012d}" for number in range(1000)]
    key = "1f1ed820-fc11-4c1a-a695-0c3b47b5cf0"
    results = [
        planned(account, f"delete alias of {account} and {key}{n % 10}") if n % 2 else planned(account)
        for n, account in enumerate(numbers)
    ]
    results.append(planned("999999999999", "enable rotation of 999999999999"))
    found = groups(PlanKeys(), results)
    assert sorted((len(item.results), item.headline, item.lines) for item in found) == [
        (1, "Plan: 1 to create, 0 to update, 0 unchanged", ("app: enable rotation of 999999999999",)),
        (500, "No changes.", ()),
        (500, "Plan: 1 to create, 0 to update, 0 unchanged", ("app: delete alias of ACCOUNT and KEY",)),
    ]
