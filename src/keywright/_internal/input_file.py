"""A file that a person named, or standard input where the name is `-`."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING

from keywright.errors import UnreadableFile

if TYPE_CHECKING:
    from pathlib import Path


def read_text(path: Path, *, most_bytes: int | None = None) -> str:
    """The text of a file, without a byte order mark. Standard input may be asked for more than once.

    Args:
        path: which file; `-` is standard input.
        most_bytes: refuse a file that is larger.

    Raises:
        UnreadableFile: it can't be read, is too large, or isn't UTF-8.
    """
    try:
        if str(path) == "-":
            data = _standard_input()
        else:
            with path.open("rb") as file:
                data = file.read() if most_bytes is None else file.read(most_bytes + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(
            f"cannot read `{path}`: {reason.lower()}", "name a file, or `-` for standard input"
        ) from error
    if most_bytes is not None and len(data) > most_bytes:
        raise UnreadableFile(f"`{path}` is larger than {most_bytes:,} bytes", "split it")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(f"`{path}` is not UTF-8 text", "save it as UTF-8") from error


@cache
def _standard_input() -> bytes:
    return sys.stdin.buffer.read()
