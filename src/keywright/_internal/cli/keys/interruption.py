"""Ctrl-C: nothing new is begun, what happened is said, and the exit code is the shell's 130."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from keywright._internal.cli.failure import error_text, show_error
from keywright._internal.cli.keys.progress import Progress
from keywright._internal.counting import counted
from keywright._internal.lifecycle.waiting import Interrupted, Waits

INTERRUPTED = 130


@contextmanager
def interruptible(waits: Waits, progress: Progress, *, as_json: bool) -> Iterator[None]:
    """Run what may be interrupted; ends the process at once if it is.

    Threads may still be waiting for an answer of AWS. There is no state of ours that they could spoil.
    """
    try:
        yield
    except KeyboardInterrupt:
        waits.stop.set()
        changes = counted(progress.said, "change")
        error = Interrupted(
            f"interrupted after {changes}; a call that was under way may have been carried out",
            "run the same command again: it reads AWS first, and goes on from there",
        )
        if as_json:
            show_error(error, as_json=True)
        typer.echo(f"\n{error_text(error)}", err=True)
        if progress.failures:
            from keywright._internal.cli.keys.render import show_failures

            show_failures(progress.failures)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)
