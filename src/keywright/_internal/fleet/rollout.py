"""Carries out tasks with an executor, a wave at a time; stops where too much fails, or where a person stops it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import islice

from keywright._internal.fleet.account_work import AccountResult, AccountTask, work_on
from keywright.errors import KeywrightError


@dataclass
class Rollout:
    """One run over many accounts.

    Args:
        executor: carries out the tasks: threads or processes of this machine, or the workers of a cluster.
        at_once: how many tasks the executor has at a time. The others are not begun, so that they can be left out.
        heard: told of each result.
        most_failures: how many accounts may fail before no other is begun; None: any number. Accounts that can't be
            entered don't count: nothing was tried in them.
    """

    executor: Executor
    at_once: int
    heard: Callable[[AccountResult], None]
    most_failures: int | None = None
    interrupted: bool = False
    _results: dict[str, AccountResult] = field(default_factory=dict)

    def run(self, waves: Sequence[Iterable[AccountTask]]) -> tuple[AccountResult, ...]:
        """The results in the tasks' order; those of tasks that were not begun have no exit code."""
        tasks = [task for wave in waves for task in wave]
        for wave in waves:
            if self._stopped:
                break
            self._run_wave(iter(wave))
        return tuple(
            self._results.get(task.deployment.account)
            or AccountResult(task.deployment.account, task.deployment.name, None)
            for task in tasks
        )

    def stop(self) -> None:
        """Begin no other account; those under way come to their end."""
        self.interrupted = True

    @property
    def _stopped(self) -> bool:
        failures = sum(item.exit_code == 2 and item.entered for item in self._results.values())  # noqa: PLR2004 - trouble
        return self.interrupted or (self.most_failures is not None and failures > self.most_failures)

    def _run_wave(self, tasks: Iterator[AccountTask]) -> None:
        running: dict[Future[AccountResult], AccountTask] = {}
        while True:
            if not self._stopped:
                for task in islice(tasks, self.at_once - len(running)):
                    running[self.executor.submit(work_on, task)] = task
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                self._hear(_result(future, running.pop(future)))

    def _hear(self, result: AccountResult) -> None:
        self._results[result.account] = result
        self.heard(result)


def _result(future: Future[AccountResult], task: AccountTask) -> AccountResult:
    again = "run the same command again: it reads AWS first, and goes on from there"
    try:
        return future.result()
    except (CancelledError, BrokenProcessPool):
        return AccountResult.failed(task, KeywrightError("the worker that had this account is gone", again))
    except KeywrightError as error:
        return AccountResult.failed(task, error)
    except Exception as error:  # noqa: BLE001 - a defect, or an executor's own trouble: of this account alone
        message = f"the work on this account ended with {type(error).__name__}: {str(error).splitlines()[0:1]}"
        return AccountResult.failed(task, KeywrightError(message, again))
