"""What an engine says is wrong, as one line each with its file and line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

_LONGEST = 400


def of_document(text: str, folder: str = "") -> tuple[str, ...]:
    """The errors in the document that `validate -json` prints; `folder` is put before each file's name."""
    return _lines(json.loads(text).get("diagnostics", ()), folder)


def of_stream(text: str) -> tuple[str, ...]:
    """The errors among the messages, one a line, that `test -json` prints."""
    return _lines((message["diagnostic"] for message in messages(text) if message.get("type") == "diagnostic"), "")


def messages(text: str) -> Iterator[dict[str, Any]]:
    """The JSON documents among some output's lines."""
    for line in text.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def plain(output: str, cwd: Path | None = None) -> str:
    """An engine's text for people in one line, without its frame and colours, and without our working folder."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", output)
    if cwd is not None:
        text = text.replace(f"{cwd}/", "")
    text = " ".join(re.sub(r"[│╷╵]", " ", text).split())
    found = re.search(r"Error: .*", text)
    return (found[0] if found else text)[:_LONGEST]


def _lines(diagnostics: Iterable[Mapping[str, Any]], folder: str) -> tuple[str, ...]:
    return tuple(_line(item, folder) for item in diagnostics if item.get("severity") == "error")


def _line(diagnostic: Mapping[str, Any], folder: str) -> str:
    detail = " ".join(str(diagnostic.get("detail", "")).split())
    said = f"{diagnostic['summary']}{f': {detail}' if detail else ''}"
    place = diagnostic.get("range")
    if not place:
        return said[:_LONGEST]
    file = str(PurePosixPath(folder, place["filename"])) if folder else place["filename"]
    return f"{file}:{place['start']['line']}: {said}"[:_LONGEST]
