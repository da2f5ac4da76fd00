"""What a scan and a report of one print: text, JSON, SARIF, a page; and the exit code."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from keywright._internal.cli.printable import say
from keywright._internal.counting import counted
from keywright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright._internal.assessment.assess import AssessedKey, Assessor
    from keywright._internal.estate.estate_reading import EstateReading
    from keywright._internal.estate.snapshot import NotRead

FORMAT_VERSION = 1
_SHOWN_KEYS = 50
_SHOWN_NOT_READ = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the result is wanted."""

    json: bool = False
    sarif: bool = False
    html: Path | None = None
    pedantic: bool = False

    def check(self) -> None:
        """Whether the options go together.

        Raises:
            UsageError: they don't.
        """
        if self.json and self.sarif:
            raise UsageError("`--json` and `--sarif` exclude each other", "leave out one of them")
        if self.html is not None and not self.html.parent.is_dir():
            raise UsageError(f"there is no folder `{self.html.parent}`", "make it first, or name another file")


def check_trusted(accounts: Sequence[str], organisations: Sequence[str]) -> None:
    """Whether accounts and organizations are written as AWS does.

    Raises:
        UsageError: one isn't.
    """
    import re

    for text in accounts:
        if not re.fullmatch(r"[0-9]{12}", text):
            raise UsageError(f"`{text}` is not an account", "write its twelve digits")
    for text in organisations:
        if not re.fullmatch(r"o-[a-z0-9]{10,32}", text):
            raise UsageError(f"`{text}` is not the id of an organization", "write it like `o-a1b2c3d4e5`")


def finish(estate: EstateReading, assessor: Assessor, wanted: Wanted) -> None:
    """Print the result, and end with its exit code: 2 not all was read, 1 something was found, 0 neither."""
    not_read = estate.not_read()
    orphans = list(assessor.orphaned_aliases())
    failed = False
    if wanted.html is not None:
        from keywright._internal.report.estate_page import write_estate_page

        write_estate_page(wanted.html, estate, assessor, pedantic=wanted.pedantic)
    if wanted.sarif:
        from keywright._internal.assessment.sarif import estate_sarif

        typer.echo(json.dumps(estate_sarif(assessor.assessed(), orphans, not_read, pedantic=wanted.pedantic)))
    elif wanted.json:
        failed = _print_json(estate, assessor, not_read, wanted)
    else:
        failed = _print_text(estate, assessor, not_read, wanted)
    if not_read:
        raise typer.Exit(2)
    if failed:
        raise typer.Exit(1)


def _print_json(estate: EstateReading, assessor: Assessor, not_read: Sequence[NotRead], wanted: Wanted) -> bool:
    """One document, written key by key: a large estate is never in memory as a whole."""
    failed = False
    typer.echo(f'{{"format_version": {FORMAT_VERSION}, "keys": [', nl=False)
    for index, key in enumerate(assessor.assessed()):
        failed = failed or key.failed
        typer.echo((",\n" if index else "\n") + json.dumps(key.as_document(pedantic=wanted.pedantic)), nl=False)
    aliases = [
        {"account": alias.account, "region": alias.region, "alias": alias.name, **finding.as_document()}
        for alias, finding in assessor.orphaned_aliases()
    ]
    rest: dict[str, Any] = {
        "findings": aliases,
        "not_read": [item.as_document() for item in not_read],
        "calls": estate.calls(),
        "scanned": {
            "accounts": [item.account for item in estate.accounts()],
            "regions": estate.regions(),
            "started_at": estate.started_at.isoformat(),
            "finished_at": finished.isoformat() if (finished := estate.finished_at) else None,
        },
    }
    typer.echo("\n], " + json.dumps(rest)[1:])
    return failed


def _print_text(estate: EstateReading, assessor: Assessor, not_read: Sequence[NotRead], wanted: Wanted) -> bool:
    from keywright._internal.proof.findings.finding import shown

    worst = _Worst(_SHOWN_KEYS)
    total, bad = 0, 0
    severities: Counter[str] = Counter()
    claims: Counter[str] = Counter()
    for key in assessor.assessed():
        total += 1
        bad += key.failed
        severities.update(item.severity for item in shown(key.findings, pedantic=wanted.pedantic))
        claims.update(claim.verdict.value for claim in key.claims)
        worst.add(key)
    for key in worst:
        for line in _lines(key, pedantic=wanted.pedantic):
            say(line)
    if bad > _SHOWN_KEYS:
        say(f"… and {counted(bad - _SHOWN_KEYS, 'more key')}; --html, --json or --sarif have them all\n")
    for alias, finding in assessor.orphaned_aliases():
        say(f"{alias.account} {alias.region} {alias.name}\n  {finding.severity} {finding.id}: {finding.message}\n")
    for item in not_read[:_SHOWN_NOT_READ]:
        say(f"not read: {item.subject}: {item.operation}: {item.reason}")
    if len(not_read) > _SHOWN_NOT_READ:
        say(f"… and {len(not_read) - _SHOWN_NOT_READ} more that could not be read; --json has them all")
    accounts = counted(len(estate.accounts()), "account")
    say(f"{counted(total, 'key')} in {accounts} and {counted(estate.regions(), 'Region')}, {bad} with problems")
    found = ", ".join(
        f"{severities[name]} {name}" for name in ("critical", "high", "medium", "low") if severities[name]
    )
    say(f"findings: {found or 'none'}")
    say(
        f"claims: {claims['PROVED']} proved, {claims['REFUTED']} refuted, {claims['UNKNOWN']} unknown"
        + (f"; {counted(len(not_read), 'read')} failed, so the result is incomplete" if not_read else "")
    )
    return bad > 0


class _Worst:
    """The worst keys seen so far, the worst first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._keys: list[AssessedKey] = []

    def add(self, key: AssessedKey) -> None:
        """Look at one more key; one without problems isn't kept."""
        if key.failed:
            self._keys.append(key)
            self._keys.sort(key=lambda item: (item.badness, item.key.arn))
            del self._keys[self._most :]

    def __iter__(self) -> Iterator[AssessedKey]:
        return iter(self._keys)


def _lines(item: AssessedKey, *, pedantic: bool) -> Iterator[str]:
    from keywright._internal.proof.claims.result import Verdict
    from keywright._internal.proof.findings.finding import shown

    names = f" ({', '.join(item.key.aliases)})" if item.key.aliases else ""
    yield f"{item.key.arn}{names}"
    for finding in shown(item.findings, pedantic=pedantic):
        where = f" in {finding.statement}" if finding.statement else ""
        yield f"  {finding.severity} {finding.id}{where}: {finding.message}"
    for claim in item.claims:
        if claim.verdict is not Verdict.PROVED:
            yield f"  {claim.verdict.value.lower()}: {claim.claim}: {claim.reason}"
    yield ""
