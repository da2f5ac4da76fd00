"""The folder that an export is written to: a new one, or an empty one, so that nothing is overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright.errors import UnwritableFile

if TYPE_CHECKING:
    from collections.abc import Mapping

Out = Annotated[Path, typer.Option(help="The folder to write; it must not exist, or be empty.")]


def require_room(folder: Path) -> None:
    """Refuse a folder that holds something, before anything is read for it.

    Raises:
        UnwritableFile: it isn't empty, isn't a folder, or can't be looked into.
    """
    try:
        taken = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as error:
        raise _unwritable(folder, error) from error
    if taken:
        raise UnwritableFile(f"`{folder}` exists and is not empty", "name another folder with --out")


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write files by their path within the folder.

    Raises:
        UnwritableFile: the folder can't be written to.
    """
    try:
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> UnwritableFile:
    reason = (error.strerror or str(error)).lower()
    return UnwritableFile(f"`{error.filename or folder}` can't be written: {reason}", "name another folder with --out")
