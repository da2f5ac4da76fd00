"""`SHA256SUMS` as coreutils write and read it: one line a file, sorted by name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

NAME = "SHA256SUMS"

_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._+-]*)")


def sha256(content: bytes) -> str:
    """The SHA-256 of some bytes, in lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """Each file's SHA-256, sorted by name."""
    return {name: sha256(files[name]) for name in sorted(files)}


def as_text(sums: Mapping[str, str]) -> str:
    """The file's text; `sha256sum -c` accepts it."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums))


def from_text(text: str) -> dict[str, str]:
    """Read the file strictly: what `as_text` would not have written is refused.

    Raises:
        ValueError: a line is malformed, out of order or given twice; the message names the line.
    """
    sums: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        match = _LINE.fullmatch(line.removesuffix("\n"))
        if match is None or not line.endswith("\n"):
            raise ValueError(f"line {number} is not `digest  name`")
        digest, name = match.groups()
        if sums and name <= next(reversed(sums)):
            raise ValueError(f"line {number}: `{name}` is out of order or given twice")
        sums[name] = digest
    return sums
