"""Where each member of a JSON text stands, so that a message can point at it.

Python's decoder drops positions. This scanner is run only when a position is asked for, on text the decoder
has already accepted, and leaves strings and numbers to the decoder's own functions.
"""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]  # public in CPython, missing from the stubs
from typing import TYPE_CHECKING

from keywright.errors import Location

if TYPE_CHECKING:
    from collections.abc import Iterable

Path = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t\n\r]*")
_SKIP = json.JSONDecoder()
_DEEPEST = 12
"""A policy nests six levels; what lies deeper is wrong already, and is stepped over instead of recursed into."""


class Positions:
    """The offsets of all members and elements of one JSON text.

    An object's member stands where its name begins, a list's element where it begins itself. Of two members
    with one name the later counts: it is the one to remove.
    """

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._offsets: dict[Path, int] = {}
        self._value(self._space(0), ())

    def locate(self, path: Path) -> Location:
        """The place of `path`, or of its nearest ancestor that the text has.

        A step into a list is ignored where the text has a lone value: `Action[0]` of `"Action": "kms:Decrypt"`
        is that string.
        """
        found: Path = ()
        for step in path:
            if (*found, step) in self._offsets:
                found = (*found, step)
            elif not isinstance(step, int):
                break
        return place(self._text, self._offsets[found], self._file)

    def _space(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    def _value(self, at: int, path: Path) -> int:
        self._offsets.setdefault(path, at)
        opening = self._text[at]
        if len(path) < _DEEPEST and opening == "{":
            return self._members(at, path)
        if len(path) < _DEEPEST and opening == "[":
            return self._elements(at, path)
        return _SKIP.raw_decode(self._text, at)[1]

    def _members(self, at: int, path: Path) -> int:
        at = self._space(at + 1)
        while self._text[at] != "}":
            name_at = at
            name, at = scanstring(self._text, at + 1)
            self._offsets[(*path, name)] = name_at
            at = self._space(at)  # stands on the colon
            at = self._space(self._value(self._space(at + 1), (*path, name)))
            at = self._space(at + 1) if self._text[at] == "," else at
        return at + 1

    def _elements(self, at: int, path: Path) -> int:
        at = self._space(at + 1)
        index = 0
        while self._text[at] != "]":
            at = self._space(self._value(at, (*path, index)))
            index += 1
            at = self._space(at + 1) if self._text[at] == "," else at
        return at + 1


def place(text: str, offset: int, file: str) -> Location:
    """The line and column of an offset, both counted from 1."""
    return Location(file, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def source_line(lines: Iterable[str], number: int) -> str | None:
    """The text of one line, counted from 1; None past the end."""
    return next((line for at, line in enumerate(lines, 1) if at == number), None)
