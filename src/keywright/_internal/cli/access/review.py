"""`keywright review`: who can do what with each key, for somebody to sign."""

from __future__ import annotations

import csv
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from keywright._internal.cli.printable import say
from keywright._internal.counting import counted
from keywright.errors import UnwritableFile, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from keywright._internal.access.review import KeyReview
    from keywright._internal.estate.estate_reading import EstateReading
    from keywright._internal.estate.snapshot import ScannedKey
    from keywright._internal.report.review_page import ReviewPage

_SHOWN = 20


def review(
    snapshot: Annotated[
        Path, typer.Argument(help="A snapshot that `keywright scan --iam --out` wrote.", show_default=False)
    ],
    html: Annotated[Path | None, typer.Option(help="Write one self-contained page.", show_default=False)] = None,
    table: Annotated[
        Path | None,
        typer.Option("--csv", help="Write a line for each key, capability and principal.", show_default=False),
    ] = None,
    since: Annotated[
        Path | None, typer.Option(help="The snapshot of the last review: what changed is told.", show_default=False)
    ] = None,
) -> None:
    """Say who can decrypt, encrypt, administer, delete and grant with each key of a snapshot, for a review of access.

    Exit code 0: everything was read. 2: something was not, and is named.
    """
    for path in (html, table):
        if path is not None and not path.parent.is_dir():
            raise UsageError(f"there is no folder `{path.parent}`", "make it first, or name another file")
    page, told, scanned, not_read = _review(snapshot, since)
    if html is not None:
        for item in told:
            page.add(item, scanned[item.key.arn])
        with _written(html) as file:
            file.writelines(page.pieces())
    if table is not None:
        _write_table(table, told, scanned)
    if html is None and table is None:
        for item in told:
            counts = ", ".join(f"{len(held)} can {name}" for name, held in item.holders.items())
            say(f"{item.key.arn}: {counts}")
    say(f"{counted(len(told), 'key')} reviewed")
    for missing in not_read[:_SHOWN]:
        say(f"not read: {missing['operation']}: {missing['reason']}")
    if not_read:
        raise typer.Exit(2)


def _review(
    snapshot: Path, since: Path | None
) -> tuple[ReviewPage, list[KeyReview], dict[str, ScannedKey], Sequence[Mapping[str, str | None]]]:
    """The page, still without keys, the reviews of all keys, the keys, and what wasn't read."""
    from keywright._internal.access.loading import load
    from keywright._internal.access.review import gone
    from keywright._internal.access.review import review as reviewed
    from keywright._internal.access.who_can import WhoCan
    from keywright._internal.estate.estate_file import EstateFile
    from keywright._internal.report.review_page import ReviewPage

    with ExitStack() as files:
        estate = files.enter_context(EstateFile.read(snapshot))
        last = files.enter_context(EstateFile.read(since)) if since is not None else None
        who, before = WhoCan(load(estate)), WhoCan(load(last)) if last is not None else None
        not_read = who.snapshot.not_read
        no_longer = gone(who, before) if before is not None else ()
        page = ReviewPage(estate.started_at, _read_by(estate), last.started_at if last else None, not_read, no_longer)
        scanned = {item.arn: item for item in estate.keys()}  # noqa: SIM118 - a file, not a mapping
        return page, list(reviewed(who, estate.started_at, before)), scanned, not_read


def _write_table(path: Path, told: Sequence[KeyReview], scanned: Mapping[str, ScannedKey]) -> None:
    from keywright._internal.report.review_page import COLUMNS, review_rows

    with _written(path) as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for item in told:
            writer.writerows(review_rows(item, scanned[item.key.arn].aliases))


@contextmanager
def _written(path: Path) -> Iterator[TextIO]:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnwritableFile(f"`{path}` can't be written: {reason}", "name another file") from error


def _read_by(estate: EstateReading) -> str:
    """How the snapshot was made."""
    accounts = counted(len(estate.accounts()), "account")
    role = estate.options.get("account_role")
    who = " and ".join(estate.readers()) or "an import of files"
    return f"{accounts}, by {who}{f' with the role {role}' if role else ''}"
