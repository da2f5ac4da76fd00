"""`who-can` about many keys: each key's answer, one after the other, as they come from processes or a cluster."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import typer

from keywright._internal.cli.access.who_can_text import key_lines, unread_lines
from keywright._internal.cli.documents import FORMAT_VERSION
from keywright._internal.cli.fleet.workers import check_scheduler_option, workers_for
from keywright._internal.cli.keys.interruption import INTERRUPTED
from keywright._internal.cli.keys.progress import Progress
from keywright._internal.cli.printable import say
from keywright._internal.estate.estate_file import EstateFile
from keywright._internal.fleet.executors import local_processors
from keywright._internal.fleet.who_can_work import KeysQuestion

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from keywright._internal.fleet.executors import Workers


def show_keys(
    snapshot: Path, pattern: str, actions: tuple[str, ...], via: str | None, scheduler: str | None, *, as_json: bool
) -> None:
    """Say who can call actions on every key of a snapshot that fits a pattern.

    Raises:
        InputError: no key fits it.
        ClusterUnusable: the scheduler can't be used.
    """
    check_scheduler_option(scheduler)
    with _interruptible(), EstateFile.read(snapshot) as estate:
        question = KeysQuestion.about(estate, pattern, actions, via)
        local = partial(local_processors, worth_it=question.worth_processes)
        with workers_for(scheduler, local) as workers:
            complete = (_print_document if as_json else _print_text)(question, workers)
    if not complete:
        raise typer.Exit(2)


def _print_document(question: KeysQuestion, workers: Workers) -> bool:
    """Print one document, once all of it is there; whether everything was read. It may be larger than the memory."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file, Progress() as progress:
        progress.begin("asking about", len(question.arns))
        file.write(f'{{"format_version": {FORMAT_VERSION}, "keys": [')
        for number, document in enumerate(question.answers(workers)):
            file.write(f"{', ' if number else ''}{document}")
            progress.advance()
        not_read = question.not_read()
        file.write(f'], "complete": {json.dumps(not not_read)}, "not_read": {json.dumps(not_read)}}}\n')
        file.seek(0)
        shutil.copyfileobj(file, sys.stdout)
    return not not_read


def _print_text(question: KeysQuestion, workers: Workers) -> bool:
    """Print each answer as it comes; whether everything was read."""
    for document in question.answers(workers):
        say("\n".join(key_lines(json.loads(document))) + "\n")
    not_read = question.not_read()
    if not_read:
        say("\n".join(unread_lines(not_read)))
    return not not_read


@contextmanager
def _interruptible() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("\ninterrupted before every key was asked about", err=True)
        raise typer.Exit(INTERRUPTED) from None
