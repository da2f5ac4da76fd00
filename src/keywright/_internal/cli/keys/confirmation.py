"""Asking before something is done: on a terminal, or not at all."""

from __future__ import annotations

import sys

import typer

from keywright.errors import ConfirmationMissing


def need_confirmation(command: str, *, yes: bool) -> None:
    """Refuse to go on where nobody can be asked, before anything is read or done.

    Raises:
        ConfirmationMissing: there is no terminal, and no `--yes`.
    """
    if not yes and not sys.stdin.isatty():
        raise ConfirmationMissing(
            f"`{command}` asks for confirmation, and standard input is not a terminal", "pass --yes"
        )


def confirm(question: str) -> None:
    """Ask on the terminal; ends the command where the answer isn't yes."""
    typer.confirm(question, abort=True, err=True)
