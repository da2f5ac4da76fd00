"""`keywright drift`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.fleet.options import Accounts, FleetOptions, Scheduler
from keywright._internal.cli.keys.options import AsJson, File, OnlyKeys, Profile, Region
from keywright._internal.counting import counted
from keywright.errors import UnreadableFile, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright._internal.keysfile.source import Source
    from keywright._internal.lifecycle.drift import Drift


def drift(  # noqa: PLR0917 - an option each
    file: File,
    key: OnlyKeys = None,
    since: Annotated[
        Path | None,
        typer.Option(help="An earlier document of `drift --json`: say only what is new since.", show_default=False),
    ] = None,
    profile: Profile = None,
    region: Region = None,
    account: Accounts = None,
    scheduler: Scheduler = None,
    as_json: AsJson = False,
    sarif: Annotated[
        bool, typer.Option("--sarif", help="Print SARIF 2.1.0; drift doesn't change the exit code.")
    ] = False,
) -> None:
    """Tell how AWS differs from the configuration, without using the keys: who gained and who lost access.

    Exit code 0: nothing drifted, or with --since nothing that the earlier run did not have. 1: drift. 2: something
    could not be read.
    """
    from keywright._internal.cli.keys import render
    from keywright._internal.cli.keys.interruption import interruptible
    from keywright._internal.cli.keys.progress import Progress
    from keywright._internal.keysfile.source import read_source
    from keywright._internal.keysfile.stack import stack_of
    from keywright._internal.keysfile.targets import has_targets
    from keywright._internal.lifecycle import exit_codes
    from keywright._internal.lifecycle.documents import drift_document
    from keywright._internal.lifecycle.drift import drifts
    from keywright._internal.lifecycle.session import Session
    from keywright._internal.lifecycle.waiting import Waits

    if as_json and sarif:
        raise UsageError("`--json` and `--sarif` exclude each other", "leave out one of them")
    source = read_source(file)
    many = FleetOptions(tuple(account or ()), scheduler)
    if has_targets(source):
        if sarif:
            raise UsageError("`--sarif` is for one account", "leave it out, or use --json")
        from keywright._internal.cli.fleet.on_accounts import FleetCommand
        from keywright._internal.fleet.account_work import FindDrift

        command = FleetCommand(source, FindDrift(), many, tuple(key or ()), profile, region, as_json)
        replace(command, last=_last_of_accounts(since) if since is not None else None).run()
        return
    many.refuse(file)
    last = _last(since) if since is not None else None
    progress = Progress()
    session = Session(tuple(key or ()), profile, region, Waits(notice=progress.waiting), progress)
    with interruptible(session.waits, progress, as_json=as_json), progress:
        state = session.at(stack_of(source), fresh_tags=True)
        found = drifts(state.plan.keys, state.failures, last)
    if sarif:
        from keywright._internal.proof.sarif import sarif_log

        typer.echo(json.dumps(sarif_log(_RULES, [item for drift in found for item in _results(source, drift)])))
    elif as_json:
        print_document(drift_document(state, found))
    else:
        _show(found)
        render.show_notes(state)
    code = exit_codes.of_drift(found)
    if code and not (sarif and code == _DRIFTED):
        raise typer.Exit(code)


def _last(path: Path) -> dict[str, Any]:
    """The keys of an earlier run's document."""
    keys = _document(path).get("keys")
    if not isinstance(keys, dict) or not all(isinstance(item, dict) for item in keys.values()):
        raise _no_drift(path)
    return keys


def _last_of_accounts(path: Path) -> dict[str, dict[str, Any]]:
    """The keys of an earlier run's document by account, of those that could be read."""
    document = _document(path)
    accounts = document.get("accounts")
    if document.get("command") != "drift" or not isinstance(accounts, list):
        raise _no_drift(path)
    try:
        return {item["account"]: dict(item["result"]["keys"]) for item in accounts if item["result"] is not None}
    except (KeyError, TypeError, ValueError) as error:
        raise _no_drift(path) from error


def _document(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            f"`{path}` can't be read: {error}", "name what `keywright drift --json` printed"
        ) from error
    return document if isinstance(document, dict) else {}


def _no_drift(path: Path) -> UnreadableFile:
    return UnreadableFile(
        f"`{path}` isn't a document of drift", "name what `keywright drift --json` printed for the same file"
    )


_DRIFTED = 1
_WORDS = {"in_sync": "in sync", "drift": "drift detected", "missing": "key does not exist", "not_read": "not read"}


def _show(found: Iterable[Drift]) -> None:
    listed = list(found)
    for item in listed:
        if item.news == "resolved":
            typer.echo(f"{item.name}: in sync again")
        elif item.news == "new":
            _show_key(item)
    known = sum(item.news == "known" for item in listed)
    good = sum(item.status == "in_sync" for item in listed)
    typer.echo(f"{good} of {counted(len(listed), 'key')} in sync" + (f"; {known} drifted as before" if known else ""))


def _show_key(item: Drift) -> None:
    from keywright._internal.cli.keys.render import show_line

    typer.echo(f"{item.name}: {_WORDS[item.status]}")
    if item.error:
        typer.echo(f"  {item.error}")
    for difference in item.differences:
        show_line("~", f"{difference.step.region}: {_said(difference.step.summary, difference.step.reason)}")
        for line in difference.access.lines() if difference.access else ():
            typer.echo(f"      - {line}")
    for orphan in item.orphans:
        show_line("!", orphan.summary)


def _said(summary: str, reason: str) -> str:
    return f"{reason}; to correct it: {summary}" if reason else summary


_RULES = [
    {"id": "drift", "shortDescription": {"text": "AWS differs from the configuration"}},
    {"id": "missing-key", "shortDescription": {"text": "a declared key does not exist"}},
    {"id": "orphaned-principal", "shortDescription": {"text": "a policy names the id of a deleted principal"}},
    {"id": "not-read", "shortDescription": {"text": "a key could not be read"}},
]


def _results(source: Source, item: Drift) -> Iterator[dict[str, Any]]:
    if item.news not in {"new", "known"}:
        return
    at = source.problem(("keys", item.name), ("keys", item.name), "", of_name=True).location
    place: dict[str, Any] = {"artifactLocation": {"uri": source.file}}
    if at is not None:
        place["region"] = {"startLine": at.line, "startColumn": at.column}

    def result(rule: str, text: str) -> dict[str, Any]:
        return {
            "ruleId": rule,
            "level": "none" if rule == "not-read" else "error",
            "kind": "open" if rule == "not-read" else "fail",
            "message": {"text": f"{item.name}: {text}"},
            "locations": [{"physicalLocation": place}],
            "baselineState": "new" if item.news == "new" else "unchanged",
            "partialFingerprints": {"key/v1": item.fingerprint or "not-read"},
        }

    if item.error is not None:
        yield result("not-read", str(item.error))
    if item.status == "missing":
        yield result("missing-key", "the key does not exist")
        return
    for difference in item.differences:
        access = difference.access.lines() if difference.access else ()
        step = difference.step
        yield result("drift", "; ".join((f"{step.region}: {_said(step.summary, step.reason)}", *access)))
    for orphan in item.orphans:
        yield result("orphaned-principal", orphan.summary)
