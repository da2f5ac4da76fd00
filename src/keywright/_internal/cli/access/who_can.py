"""`keywright who-can`: everybody who can call actions on a key."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.cli.access.arguments import DEFAULT_SNAPSHOT, AsJson, Targets, Via, actions_of
from keywright._internal.cli.fleet.options import Scheduler
from keywright._internal.cli.keys.options import Profile
from keywright._internal.cli.printable import say
from keywright.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright._internal.access.snapshot import SnapshotKey
    from keywright._internal.access.who_can import WhoCan


def who_can(  # noqa: PLR0917 - an option each
    key: Annotated[
        str, typer.Argument(help="The key's ARN, id or alias; with `*`, every key that fits.", show_default=False)
    ],
    action: Annotated[
        list[str], typer.Argument(help="Such as Decrypt, kms:CreateGrant or GenerateDataKey*.", show_default=False)
    ],
    snapshot: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help=f"A snapshot that `keywright scan --iam --out` wrote.  [default: {DEFAULT_SNAPSHOT}]",
            show_default=False,
        ),
    ] = None,
    targets: Targets = None,
    profile: Profile = None,
    via: Via = None,
    cases: Annotated[
        Path | None,
        typer.Option(help="Write each row as a case of `policy simulate --batch`.", show_default=False),
    ] = None,
    scheduler: Scheduler = None,
    as_json: AsJson = False,
) -> None:
    """Say who can call actions on a key, or on many: by its policy, through IAM, through grants, from outside.

    A principal of the snapshot that isn't named has no access. Nothing is read from AWS but with --targets.

    Exit code 0: everything was read. 2: something was not, and the answer may be incomplete.
    """
    actions = actions_of(action)
    many = "*" in key
    if many and cases is not None:
        raise UsageError("`--cases` is for one key", f"name one in place of `{key}`")
    if not many and scheduler is not None:
        raise UsageError("`--scheduler` is for many keys", "name them with `*`, or leave it out")
    with _read_first(snapshot, targets, key, profile) as file:
        if many:
            from keywright._internal.cli.access.who_can_keys import show_keys

            show_keys(file, key, actions, via, scheduler, as_json=as_json)
        else:
            _show_key(file, key, actions, via, cases, as_json=as_json)


@contextmanager
def _read_first(snapshot: Path | None, targets: Path | None, key: str, profile: str | None) -> Iterator[Path]:
    """The snapshot that was named, or one of the targets' accounts as they are now."""
    if targets is None:
        if profile is not None:
            raise UsageError("`--profile` is for reading AWS", "name a keys file with --targets, or leave it out")
        yield snapshot or DEFAULT_SNAPSHOT
        return
    if snapshot is not None:
        raise UsageError("`--targets` reads AWS, and `--from` a snapshot", "leave out one of them")
    from keywright._internal.cli.estate.reading import targets_read_now
    from keywright._internal.model.arn import Arn

    region = getattr(Arn.find(key), "region", "")
    with targets_read_now(targets, [region] if region and "*" not in region else [], profile) as file:
        yield file


def _show_key(
    snapshot: Path, key: str, actions: tuple[str, ...], via: str | None, cases: Path | None, *, as_json: bool
) -> None:
    from keywright._internal.access.loading import load
    from keywright._internal.access.report import who_can_document
    from keywright._internal.access.who_can import WhoCan
    from keywright._internal.cli.access.who_can_text import key_lines, unread_lines
    from keywright._internal.cli.documents import print_document
    from keywright._internal.estate.estate_file import EstateFile
    from keywright._internal.estate.iam_file import ABOUT_IAM, ABOUT_KMS

    with EstateFile.read(snapshot) as estate:
        who = WhoCan(load(estate, key, about=ABOUT_KMS | ABOUT_IAM))
    (found,) = who.snapshot.keys.values()
    document = who_can_document(who, found, actions, via)
    if cases is not None:
        _write_cases(cases, who, found, actions, via)
    if as_json:
        print_document(document)
    else:
        say("\n".join([*key_lines(document), *unread_lines(document["not_read"])]))
    if not document["complete"]:
        raise typer.Exit(2)


def _write_cases(path: Path, who: WhoCan, key: SnapshotKey, actions: Sequence[str], via: str | None) -> None:
    from keywright._internal.access.rows import case_document

    found = (item for action in actions for item in who.findings(key, action, via))
    lines = [json.dumps(case_document(item, number)) for number, item in enumerate(found, 1)]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
