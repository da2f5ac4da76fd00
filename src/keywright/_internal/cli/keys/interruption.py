"""Ctrl-C: nothing new is begun, what happened is said, and the exit code is the shell's 130."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from keywright._internal.cli.keys.progress import Progress
from keywright._internal.counting import counted
from keywright._internal.lifecycle.waiting import Waits

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
        message = f"interrupted after {changes}; a call that was under way may have been carried out"
        remedy = "run the same command again: it looks at AWS first, and goes on from there"
        if as_json:
            typer.echo(json.dumps({"error": {"message": message, "remedy": remedy, "problems": []}}))
        typer.echo(f"\nerror: {message}\n  {remedy}", err=True)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(INTERRUPTED)
