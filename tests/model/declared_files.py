"""Files of keys for tests: what is wrong with one, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from keywright._internal.keysfile.stack import load_stack
from keywright._internal.model.stack import Stack
from keywright.errors import InputError, Problem


def written(folder: Path, text: str | bytes) -> Path:
    file = folder / "keys.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def loaded(folder: Path, text: str) -> Stack:
    return load_stack(written(folder, text))


def problems_of(folder: Path, text: str | bytes) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        load_stack(written(folder, text))
    return caught.value.problems


def one_key(fields: str) -> str:
    return f"stack: s\nregion: us-east-1\nkeys:\n  app: {{{fields}}}\n"
