"""Reading YAML with the place of every value, so that an error can point at the line a person wrote."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from keywright._internal.input_file import read_text
from keywright.errors import InvalidKeysFile, Location, Problem

MAX_BYTES = 5_000_000
MAX_VALUES = 200_000
MAX_DEPTH = 30
MAX_NODES = 2 * MAX_VALUES
"""A member of a mapping is one value and two nodes."""
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)\Z")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_STRING_TAG = "tag:yaml.org,2002:str"
_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}"
    for name in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge", "seq", "map")
)
"""What libyaml's composer takes plain nodes for; which of them it is plays no part, except where it is text."""

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A YAML file as plain values, with the location of each."""

    file: str
    lines: tuple[str, ...]
    value: Any
    places: dict[Path_, tuple[int, int]]
    """Where each value stands; one of several lines stands where its name does."""
    names: dict[Path_, tuple[int, int]]
    """Where the name of each member of a mapping stands."""

    def problem(
        self, path: Path_, at: Path_, message: str, remedy: str = "", value: object = None, *, of_name: bool = False
    ) -> Problem:
        """A problem at a field, placed on its line; a field that is absent is placed on its parent.

        Args:
            path: the field's path.
            at: the path whose line shows it; mostly the same.
            message: what is wrong.
            remedy: what to write instead.
            value: what was written.
            of_name: the field's name is wrong, not its value.
        """
        if of_name and at in self.names:
            place = self.names[at]
        else:
            place = next(self.places[at[:n]] for n in range(len(at), -1, -1) if at[:n] in self.places)
        line = self.lines[place[0]] if place[0] < len(self.lines) else ""
        location = Location(self.file, place[0] + 1, place[1] + 1)
        return Problem(path, message, remedy, value, location, line)


def read_source(path: Path) -> Source:
    """Read a keys file.

    Raises:
        UnreadableFile: it can't be read, or is larger than a person would write.
        InvalidKeysFile: it is no YAML, or repeats a field.
    """
    text = read_text(path, most_bytes=MAX_BYTES)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _bound(str(path), yaml.parse(text, Loader=loader))
        node = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as error:
        raise _not_yaml(path, text, error) from error
    reader = _Reader(str(path))
    value = reader.value(node, ()) if node is not None else None
    places = reader.places or {(): (0, 0)}
    source = Source(str(path), tuple(text.splitlines()), value, places, reader.names)
    if reader.faults:
        raise InvalidKeysFile(
            f"`{path}` has {count_of(len(reader.faults))}",
            problems=tuple(source.problem(item, item, *words, of_name=True) for item, words in reader.faults),
        )
    return source


def count_of(problems: int) -> str:
    """How many problems, in words."""
    return "a problem" if problems == 1 else f"{problems} problems"


def _not_yaml(path: Path, text: str, error: yaml.YAMLError) -> InvalidKeysFile:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be read as YAML"
    if mark is None:
        return InvalidKeysFile(f"{path}: not YAML: {reason}", "save the file as plain text")
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    remedy = "correct the line, or compare what `keywright init` writes"
    if "\t" in line[: mark.column + 1]:
        remedy = "indent with spaces; YAML does not take tabs"
    elif "found duplicate anchor" not in reason and ("*" in line or "&" in line):
        remedy = "put text that holds `*` or `&` in quotes"
    location = Location(str(path), mark.line + 1, mark.column + 1)
    problem = Problem((), f"not YAML: {reason}", remedy, None, location, line)
    return InvalidKeysFile(f"`{path}` is not YAML", problems=(problem,))


def _bound(file: str, events: Iterable[yaml.Event]) -> None:
    """Refuse a file that the composer, which calls itself for each level, would take long for or die of."""
    depth = values = 0
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        values += isinstance(event, yaml.NodeEvent)
        if depth > MAX_DEPTH or values > MAX_NODES:
            raise _unfolds(file)


def _unfolds(file: str) -> InvalidKeysFile:
    return InvalidKeysFile(
        f"`{file}` holds more than {MAX_VALUES:,} values or {MAX_DEPTH} levels, counted after its YAML aliases unfold",
        "write the keys out without nested YAML aliases",
    )


class _Reader:
    """Turns YAML nodes into values by the core schema (`on` and `012` stay text), noting where each stands."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[Path_, tuple[int, int]] = {}
        self.names: dict[Path_, tuple[int, int]] = {}
        self.faults: list[tuple[Path_, tuple[str, str]]] = []

    def value(self, node: yaml.Node, path: Path_) -> Any:
        self.places[path] = _place(node, self.names.get(path))
        if len(self.places) > MAX_VALUES or len(path) > MAX_DEPTH:
            raise _unfolds(self.file)
        if node.tag not in _TAGS:
            words = (f"has the YAML tag `{node.tag}`, which means nothing here", "write the value itself")
            self.faults.append((path, words))
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        return _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append((path, ("has a name that is not text", "write `name: value`")))
                continue
            name = key_node.value
            inside = (*path, name)
            self.names[inside] = (key_node.start_mark.line, key_node.start_mark.column)
            if name in result:
                self.faults.append((inside, ("is written twice", "keep one of them")))
            result[name] = self.value(value_node, inside)
        return result


def _place(node: yaml.Node, name: tuple[int, int] | None) -> tuple[int, int]:
    start = (node.start_mark.line, node.start_mark.column)
    if name is None:
        return start
    return start if start[0] == name[0] and node.value else name


def _scalar(node: yaml.Node) -> Any:
    text: str = node.value
    if node.tag == _STRING_TAG or getattr(node, "style", None):
        return text
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    return int(text) if _INTEGER.match(text) and len(text) < 20 else text  # noqa: PLR2004 - no field takes more digits
