"""The work on many accounts, a wave at a time; stops where too much fails, or where a person stops it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from keywright._internal.fleet.account_work import AccountResult, AccountTask, work_on
from keywright._internal.fleet.executors import Workers
from keywright._internal.fleet.windowed import carried_out

_TROUBLE: Final = 2


@dataclass
class Rollout:
    """One run over many accounts.

    Args:
        workers: carry out the tasks: threads or processes of this machine, or the workers of a cluster.
        heard: told of each result.
        most_failures: how many accounts may fail before no other is begun; None: any number. Accounts that can't be
            entered don't count: nothing was tried in them.
        canaries: accounts that the others wait for. One that can't be entered counts: it has shown nothing.
    """

    workers: Workers
    heard: Callable[[AccountResult], None]
    most_failures: int | None = None
    canaries: Collection[str] = ()
    interrupted: bool = False
    _begun: list[str] = field(default_factory=list)
    _results: dict[str, AccountResult] = field(default_factory=dict)
    _failures: int = 0

    def run(self, waves: Sequence[Iterable[AccountTask]]) -> tuple[AccountResult, ...]:
        """The results in the tasks' order; those of tasks that were not begun have no exit code."""
        tasks = [task for wave in waves for task in wave]
        for wave in waves:
            for task, found in carried_out(self.workers, work_on, map(self._begin, wave), self._stopped):
                result = found if isinstance(found, AccountResult) else AccountResult.failed(task, found)
                self._results[result.account] = result
                self._failures += self._counts(result)
                self.heard(result)
        return tuple(
            self._results.get(task.deployment.account)
            or AccountResult(task.deployment.account, task.deployment.name, None)
            for task in tasks
        )

    def stop(self) -> None:
        """Begin no other account; those under way come to their end."""
        self.interrupted = True

    @property
    def under_way(self) -> tuple[str, ...]:
        """The accounts that were handed out, and of which no result is there yet."""
        return tuple(account for account in self._begun if account not in self._results)

    def _begin(self, task: AccountTask) -> AccountTask:
        self._begun.append(task.deployment.account)
        return task

    def _stopped(self) -> bool:
        return self.interrupted or (self.most_failures is not None and self._failures > self.most_failures)

    def _counts(self, result: AccountResult) -> bool:
        return result.exit_code == _TROUBLE and (result.entered or result.account in self.canaries)
