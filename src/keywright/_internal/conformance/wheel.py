"""Keywright's own wheel from a source tree, without a network: Hatchling is called as the library it is."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from keywright._internal.conformance.archive import same_anywhere
from keywright._internal.conformance.source import SourceTree
from keywright._internal.extras import require_extra


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel's file name and bytes, and the version of Hatchling that made it."""

    name: str
    content: bytes
    builder: str


def build_wheel(tree: SourceTree) -> Wheel:
    """Build the wheel from the tree alone, then give it bytes that are the same anywhere.

    Raises:
        ExtraMissing: Hatchling is not installed.
    """
    require_extra("conform", "building the wheel")
    from hatchling.builders.wheel import WheelBuilder  # noqa: PLC0415 - an extra, needed here alone

    with tempfile.TemporaryDirectory(prefix="keywright-wheel-") as folder:
        source, target = Path(folder, "source"), Path(folder, "target")
        tree.write(source)
        built = Path(next(iter(WheelBuilder(str(source)).build(directory=str(target), versions=["standard"]))))
        return Wheel(built.name, same_anywhere(built.read_bytes()), version("hatchling"))
