"""The verification card's files: written into a folder, and their names."""

from __future__ import annotations

from pathlib import Path

from keywright._internal.conformance.results import Verification, as_text
from keywright._internal.report.card import pages
from keywright.errors import UnwritableFile

VERIFICATION = "verification.json"


def card_files(verification: Verification) -> dict[str, bytes]:
    """`verification.json`, and the pages made from it, by name."""
    return {VERIFICATION: as_text(verification).encode(), **pages(verification)}


def write_card(verification: Verification, folder: Path) -> tuple[Path, ...]:
    """Write the card's files into a folder, over an older card; nothing else in it is touched.

    Raises:
        UnwritableFile: the folder can't be written to.
    """
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in card_files(verification).items():
            (folder / name).write_bytes(content)
            written.append(folder / name)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnwritableFile(f"the card can't be written to `{folder}`: {reason}", "name another folder") from error
    return tuple(written)
