"""How an error looks: text with the place and what to do, or one JSON document."""

from __future__ import annotations

import sys
import traceback
from typing import TYPE_CHECKING, Final

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.printable import printable
from keywright.errors import InputError, InternalError

if TYPE_CHECKING:
    from keywright.errors import KeywrightError

FAILED: Final = 2
_WIDEST_LINE: Final = 160
_WIDEST_VALUE: Final = 80


def show_error(error: KeywrightError, *, as_json: bool, verbose: bool = False) -> None:
    """Say what went wrong: one document on stdout with `as_json`, else text on stderr; `verbose` adds the traceback."""
    if verbose:
        cause = error.__cause__ if isinstance(error, InternalError) and error.__cause__ else error
        sys.stderr.write("".join(traceback.format_exception(cause)))
    if as_json:
        print_document({"error": error.as_document()})
    else:
        typer.echo(error_text(error), err=True)


def internal_error(error: BaseException) -> InternalError:
    """A defect of ours, in one line."""
    what = " ".join(f"{type(error).__name__}: {error}".split())
    wrapped = InternalError(
        f"internal error: {what}",
        "this is a defect in Keywright: run the command again with --verbose and report it with that output",
    )
    wrapped.__cause__ = error
    return wrapped


def error_text(error: KeywrightError) -> str:
    """An error as people read it: its id and message, what to do, then each problem on its line of the file."""
    lines = [f"error[{error.id}]: {error.message}"]
    if error.remedy:
        lines.append(f"  {error.remedy}")
    for problem in error.problems if isinstance(error, InputError) else ():
        value = "" if problem.value is None else f" `{str(problem.value)[:_WIDEST_VALUE]}`"
        place = f"{problem.location}: " if problem.location else ""
        what = f"{problem.field}{value}: " if problem.field or value else ""
        lines += ["", f"{place}{what}{problem.message}"]
        if problem.source_line is not None and problem.location is not None:
            lines += _marked(problem.source_line, problem.location.column - 1)
        if problem.remedy:
            lines.append(f"  {problem.remedy}")
    return printable("\n".join(lines))


def _marked(line: str, at: int) -> list[str]:
    """A line of a file with a mark below the place; of a long one the part around it. Tabs keep their width."""
    start = max(0, at - _WIDEST_LINE // 2) if len(line) > _WIDEST_LINE else 0
    shown = line[start : start + _WIDEST_LINE]
    margin = "".join("\t" if character == "\t" else " " for character in line[start:at])
    return [f"  {shown}", f"  {margin}^"]
