"""Every error Keywright raises on purpose: what is wrong, where, and what to do about it.

The command line turns any of these into a message on stderr and exit code 2; anything else that escapes
is a defect of ours. Messages begin in lower case, hold no line break and put what the user wrote in backticks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file a person wrote. Line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with an input: the field's path, the value, what is wrong and what to write instead."""

    path: tuple[str | int, ...]
    message: str
    remedy: str = ""
    value: Any = None
    location: Location | None = None
    source_line: str | None = None

    @property
    def field(self) -> str:
        """The field's path as a person would write it, for example `keys.app.aliases[1]`."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
        return text

    def as_document(self) -> dict[str, Any]:
        """The problem as `--json` shows it."""
        return {
            "field": self.field,
            "message": self.message,
            "remedy": self.remedy,
            "file": self.location.file if self.location else None,
            "line": self.location.line if self.location else None,
            "column": self.location.column if self.location else None,
        }


@dataclass(eq=False)
class KeywrightError(Exception):
    """The base of all errors of ours.

    Args:
        message: what is wrong, in one sentence.
        remedy: what the reader can do about it; may be empty where nothing can be done.
    """

    message: str
    remedy: str = ""

    def __post_init__(self) -> None:
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message} ({self.remedy})" if self.remedy else self.message


@dataclass(eq=False)
class InputError(KeywrightError):
    """Something a person wrote is wrong. All problems of one input are reported together."""

    problems: tuple[Problem, ...] = field(default=())
