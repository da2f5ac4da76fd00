"""Runs a command on keys in every account of a file's targets, and shows how it went."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import uuid4

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.fleet.workers import check_scheduler_option, workers_for
from keywright._internal.cli.keys.confirmation import confirm, need_confirmation
from keywright._internal.cli.keys.interruption import INTERRUPTED
from keywright._internal.cli.keys.progress import Progress
from keywright._internal.cli.printable import printable
from keywright._internal.counting import counted
from keywright._internal.fleet.account_work import AccountTask, ApplyKeys, FindDrift, PlanKeys, TellOutputs, VerifyKeys
from keywright._internal.fleet.executors import local_workers
from keywright._internal.fleet.rollout import Rollout
from keywright._internal.fleet.summary import described, groups
from keywright._internal.fleet.waves import waves
from keywright._internal.model.account_share import AccountShare

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from types import FrameType

    from keywright._internal.cli.fleet.options import FleetOptions
    from keywright._internal.fleet.account_work import AccountResult, Work
    from keywright._internal.fleet.discovery import Discovered
    from keywright._internal.fleet.executors import Workers
    from keywright._internal.keysfile.source import Source

_NAMED = 3
_LINES = 12
_NAMES = {PlanKeys: "plan", ApplyKeys: "apply", VerifyKeys: "verify", FindDrift: "drift", TellOutputs: "output"}
_DOING = {
    PlanKeys: "planning",
    ApplyKeys: "applying",
    VerifyKeys: "verifying",
    FindDrift: "comparing",
    TellOutputs: "reading",
}


@dataclass(frozen=True)
class FleetCommand:
    """A command for many accounts.

    Args:
        source: the keys file.
        work: what to do in each account.
        options: which accounts, in which order, and who works on them.
        keys: the names of the keys to work on; empty for all.
        profile: an AWS profile.
        region: the Region of keys whose file names none.
        as_json: whether one document is printed.
        yes: whether nobody is asked before AWS is changed.
        no_cache: whether everything is proved anew.
        last: the keys of an earlier run of `drift`, by account; None where there is none.
    """

    source: Source
    work: Work
    options: FleetOptions
    keys: tuple[str, ...]
    profile: str | None
    region: str | None
    as_json: bool
    yes: bool = True
    no_cache: bool = False
    last: Mapping[str, Mapping[str, Any]] | None = None

    def run(self) -> None:
        """Carry it out, show it, and end with its exit code."""
        size = AccountShare.parse(self.options.wave, "the size of a wave") if self.options.wave else None
        if isinstance(self.work, ApplyKeys):
            need_confirmation("apply", yes=self.yes)
        check_scheduler_option(self.options.scheduler)
        found, tasks = self._tasks()
        in_waves = waves(tasks, size, self.options.canary)
        with workers_for(self.options.scheduler, partial(local_workers, len(tasks))) as workers:
            if isinstance(self.work, ApplyKeys) and not self.yes:
                in_waves = self._agreed(found, in_waves, workers)
            limit = self.options.max_failures if isinstance(self.work, ApplyKeys) else None
            results, interrupted = _roll_out(workers, in_waves, limit, self.options.canary)
        self._show(found, results)
        if interrupted:
            typer.echo("interrupted: the accounts under way were finished, and no other was begun", err=True)
            typer.echo("  run the same command again: it goes on from there", err=True)
            raise typer.Exit(INTERRUPTED)
        worst = max(2 if item.exit_code is None else item.exit_code for item in results)
        if worst:
            raise typer.Exit(worst)

    def _tasks(self) -> tuple[Discovered, list[AccountTask]]:
        from keywright._internal.aws import Cloud, Settings
        from keywright._internal.fleet.discovery import discover
        from keywright._internal.keysfile.stack import check_source, stack_of
        from keywright._internal.keysfile.targets import targets_of

        check_source(self.source).only(self.keys)
        found = discover(Cloud(Settings(self.profile, self.region)), targets_of(self.source), self.options.account)
        run = uuid4().hex
        tasks = [
            AccountTask(
                self._work_in(item.account),
                item,
                stack_of(self.source, item),
                self.keys,
                self.profile,
                self.region,
                run=run,
                no_cache=self.no_cache,
                whole=self.as_json,
            )
            for item in found.deployments
        ]
        return found, tasks

    def _work_in(self, account: str) -> Work:
        return self.work if self.last is None else FindDrift(self.last.get(account, {}))

    def _agreed(
        self, found: Discovered, in_waves: Sequence[Sequence[AccountTask]], workers: Workers
    ) -> tuple[tuple[AccountTask, ...], ...]:
        """The same, each task bound to the plan that was shown, once a person has agreed to all of them.

        Nobody is asked where nothing would change.
        """
        planning = [[replace(task, work=PlanKeys()) for task in wave] for wave in in_waves]
        results, interrupted = _roll_out(workers, planning, None)
        if interrupted:
            raise typer.Abort
        if any(item.error or (item.document and item.document["changes"]) for item in results):
            _print_groups(PlanKeys(), results, found, err=True)
            confirm(f"Apply these changes in {counted(len(results), 'account')}?")
        agreed = {item.account: ApplyKeys(item.fingerprint) for item in results}
        return tuple(tuple(replace(task, work=agreed[task.deployment.account]) for task in wave) for wave in in_waves)

    def _show(self, found: Discovered, results: Sequence[AccountResult]) -> None:
        if self.as_json:
            print_document(
                {
                    "command": _NAMES[type(self.work)],
                    "stack": self.source.value["stack"],
                    "accounts": [_account_document(self.work, item) for item in results],
                    "skipped": [
                        {"account": item.account, "name": item.name, "reason": item.reason} for item in found.skipped
                    ],
                    "notes": found.notes,
                }
            )
        else:
            _print_groups(self.work, results, found)


def _roll_out(
    workers: Workers, in_waves: Sequence[Sequence[AccountTask]], limit: int | None, canaries: Collection[str] = ()
) -> tuple[tuple[AccountResult, ...], bool]:
    with Progress(things="accounts") as progress:
        progress.begin(_DOING[type(in_waves[0][0].work)], sum(map(len, in_waves)))
        rollout = Rollout(workers, lambda _: progress.advance(), limit, canaries)
        try:
            with _stopped_by_ctrl_c(rollout):
                return rollout.run(in_waves), rollout.interrupted
        except _AtOnce:
            _end_at_once(rollout)


class _AtOnce(BaseException):
    """Ctrl-C was pressed again."""


def _end_at_once(rollout: Rollout) -> NoReturn:
    """Take back what no worker has begun, say what may still be changing, and end without waiting for it."""
    accounts = _named(rollout.under_way) or "no account"
    if rollout.workers.elsewhere:
        rollout.workers.executor.shutdown(wait=False)  # takes back what has not begun; a local pool ends with us
        typer.echo(f"stopped at once: the workers finish what they have begun in {accounts}", err=True)
    else:
        typer.echo(f"stopped at once in {accounts}: a call that was under way may have been carried out", err=True)
    typer.echo("  run the same command again: it reads AWS first, and goes on from there", err=True)
    sys.stdout.flush()
    os._exit(INTERRUPTED)


@contextmanager
def _stopped_by_ctrl_c(rollout: Rollout) -> Iterator[None]:
    """Let Ctrl-C end a run once the accounts under way are finished, and a second one at once.

    Raises:
        _AtOnce: it was pressed twice.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        typer.echo("\nstopping after the accounts under way; press Ctrl-C again to stop at once", err=True)
        signal.signal(signal.SIGINT, stop_at_once)
        rollout.stop()

    def stop_at_once(_number: int, _frame: FrameType | None) -> None:
        raise _AtOnce

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _account_document(work: Work, result: AccountResult) -> dict[str, Any]:
    return {
        "account": result.account,
        "name": result.name,
        "exit_code": result.exit_code,
        "summary": described(work, result)[0],
        "error": result.error,
        "result": result.document,
    }


def _print_groups(work: Work, results: Sequence[AccountResult], found: Discovered, *, err: bool = False) -> None:
    for group in groups(work, results) if not isinstance(work, TellOutputs) else _each(work, results):
        typer.echo(printable(f"{_accounts(group.results)}: {group.headline}"), err=err)
        shown = group.lines if isinstance(work, TellOutputs) else group.lines[:_LINES]
        for line in shown:
            typer.echo(printable(f"  {line}"), err=err)
        if len(group.lines) > len(shown):
            typer.echo(f"  … and {len(group.lines) - len(shown)} more; --json has them all", err=err)
    for item in found.skipped:
        typer.echo(printable(f"skipped: {item.account} {item.name}: {item.reason}"), err=True)
    for note in found.notes:
        typer.echo(printable(f"note: {note}"), err=True)
    if len(results) > 1:
        typer.echo(_counts(results), err=err)
    sys.stdout.flush()


def _each(work: Work, results: Sequence[AccountResult]) -> list[Any]:
    return [group for item in results for group in groups(work, [item])]


def _accounts(results: Sequence[AccountResult]) -> str:
    if len(results) == 1:
        return f"{results[0].account} {results[0].name}".rstrip()
    return f"{len(results):,} accounts ({_named([item.account for item in results])})"


def _named(accounts: Sequence[str]) -> str:
    more = f" and {len(accounts) - _NAMED:,} more" if len(accounts) > _NAMED else ""
    return ", ".join(accounts[:_NAMED]) + more


def _counts(results: Sequence[AccountResult]) -> str:
    codes = [item.exit_code for item in results]
    parts = [f"{codes.count(0):,} done"]
    parts += [
        f"{codes.count(code):,} {words}"
        for code, words in ((1, "with exit code 1"), (2, "failed"), (None, "not begun"))
        if code in codes
    ]
    return f"{counted(len(codes), 'account')}: {', '.join(parts)}"
