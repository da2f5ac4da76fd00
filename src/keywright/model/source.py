"""Reading YAML with the place of every value, so that an error can point at the line a person wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from keywright.errors import InputError, Location, Problem

MAX_BYTES = 5_000_000
MAX_VALUES = 200_000
MAX_DEPTH = 30
_INTEGER = re.compile(r"^[-+]?(0|[1-9][0-9]*)$")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A YAML file as plain values, with the location of each."""

    file: str
    lines: tuple[str, ...]
    value: Any
    places: dict[Path_, tuple[int, int]]

    def problem(self, path: Path_, message: str, remedy: str = "", value: object = None) -> Problem:
        """A problem at a field, placed on its line; a field that is absent is placed on its parent."""
        place = next(self.places[path[:n]] for n in range(len(path), -1, -1) if path[:n] in self.places)
        line = self.lines[place[0]] if place[0] < len(self.lines) else ""
        location = Location(self.file, place[0] + 1, place[1] + 1)
        return Problem(path, message, remedy, value, location, line)


def read_source(path: Path) -> Source:
    """Read a file of keys.

    Raises:
        InputError: it can't be read, is no YAML, repeats a field, or is larger than a person would write.
    """
    try:
        data = path.read_bytes()
        text = data.decode()
    except OSError as error:
        raise InputError(f"cannot read `{path}`: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"`{path}` is not UTF-8 text", "save it as UTF-8") from error
    if len(data) > MAX_BYTES:
        raise InputError(
            f"`{path}` has {len(data):,} bytes; a file of keys may have {MAX_BYTES:,}",
            "split the keys into several stacks",
        )
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else str(path)
        reason = getattr(error, "problem", None) or "it cannot be read as YAML"
        raise InputError(f"{where}: not YAML: {reason}", "mend the line, or compare `keywright init`") from error
    reader = _Reader(str(path))
    value = reader.value(node, ()) if node is not None else None
    source = Source(str(path), tuple(text.splitlines()), value, reader.places or {(): (0, 0)})
    if reader.repeated:
        raise InputError(
            f"`{path}` repeats a field",
            "keep one of them",
            tuple(source.problem(item, "is written twice", "keep one of them") for item in reader.repeated),
        )
    return source


class _Reader:
    """Turns YAML nodes into values by the core schema (`on` and `012` stay text), noting where each stands."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[Path_, tuple[int, int]] = {}
        self.repeated: list[Path_] = []

    def value(self, node: yaml.Node, path: Path_) -> Any:
        self.places[path] = (node.start_mark.line, node.start_mark.column)
        if len(self.places) > MAX_VALUES or len(path) > MAX_DEPTH:
            raise InputError(
                f"`{self.file}` unfolds to more than {MAX_VALUES:,} values or {MAX_DEPTH} levels",
                "write the keys out without nested YAML aliases",
            )
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            result: dict[str, Any] = {}
            for key_node, value_node in node.value:
                name = str(key_node.value)
                if name in result:
                    self.repeated.append((*path, name))
                result[name] = self.value(value_node, (*path, name))
            return result
        return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    text: str = node.value
    if getattr(node, "style", None):
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    return int(text) if _INTEGER.match(text) and len(text) < 20 else text  # noqa: PLR2004 - no field takes more digits
