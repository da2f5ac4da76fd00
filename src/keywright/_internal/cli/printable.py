"""Text that others wrote, such as a description on AWS, made harmless for a terminal."""

from __future__ import annotations

import unicodedata
from typing import Final

import typer

_KEPT: Final = "\n\t"
_STANDS_IN: Final = "\N{REPLACEMENT CHARACTER}"


def printable(text: str) -> str:
    """The text without what moves a cursor, colours, erases or reverses.

    Each such character is replaced by one, so that columns stay.
    """
    if text.isprintable():
        return text
    return "".join(_STANDS_IN if _acts(character) else character for character in text)


def say(text: str, *, err: bool = False) -> None:
    """Print text that others may have written, harmless."""
    typer.echo(printable(text), err=err)


def _acts(character: str) -> bool:
    return character not in _KEPT and unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}
