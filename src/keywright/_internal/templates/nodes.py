"""A JSON or YAML file as a tree in which every value knows its place; CloudFormation's short tags written out.

All scalars are text, as they are in a policy: an account's number keeps its zeros and a version is no date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from keywright.errors import InvalidTemplate, Location

if TYPE_CHECKING:
    from keywright._internal.policy.json_positions import Path

_DEEPEST: Final = 60
_MOST_NODES: Final = 500_000


@dataclass(frozen=True, slots=True)
class Unresolved:
    """In place of a value that only the deployment knows, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands; a member of a mapping stands where its name does."""

    value: str | Unresolved | Sequence[Node] | Mapping[str, Node]
    location: Location

    @property
    def members(self) -> Mapping[str, Node]:
        """A mapping's members; none for other values."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def elements(self) -> Sequence[Node]:
        """A list's elements; none for other values."""
        found = self.value
        return () if isinstance(found, str | Unresolved | Mapping) else found

    @property
    def text(self) -> str | None:
        """A scalar's text; None for other values."""
        return self.value if isinstance(self.value, str) else None

    def locate(self, path: Path) -> Location:
        """The place of a path, or of its nearest ancestor; a lone value stands for a list of one."""
        found = self
        for step in path:
            if isinstance(step, int):
                if not isinstance(found.value, str | Unresolved | Mapping) and step < len(found.value):
                    found = found.value[step]
            elif step in found.members:
                found = found.members[step]
            else:
                break
        return found.location

    def plain(self) -> Any:
        """The value as `json.dumps` takes it; what isn't known is null."""
        if isinstance(self.value, Unresolved):
            return None
        if isinstance(self.value, Mapping):
            return {name: member.plain() for name, member in self.value.items()}
        return self.value if isinstance(self.value, str) else [element.plain() for element in self.value]

    def unresolved(self) -> list[tuple[Location, str]]:
        """Every place of which the value isn't known, and why."""
        if isinstance(self.value, Unresolved):
            return [(self.location, self.value.why)]
        inside = self.value.values() if isinstance(self.value, Mapping) else self.elements
        return [found for member in inside for found in member.unresolved()]


def read_nodes(text: str, file: str) -> Node:
    """The tree of a JSON or YAML text.

    Raises:
        InvalidTemplate: it is neither, is empty, or unfolds into more than a template holds.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(text.replace("\t", " ") if text.lstrip().startswith("{") else text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        reason = getattr(error, "problem", None) or "it cannot be read"
        raise InvalidTemplate(
            f"`{file}{where}` is neither JSON nor YAML: {reason}", "give a template or a plan"
        ) from error
    if root is None:
        raise InvalidTemplate(f"`{file}` is empty", "give a template or a plan")
    return _Reader(file).node(root, root.start_mark, 0)


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self._count = 0

    def node(self, item: yaml.Node, mark: yaml.Mark, depth: int) -> Node:
        self._count += 1
        if depth > _DEEPEST or self._count > _MOST_NODES:
            raise InvalidTemplate(f"`{self._file}` is nested too deeply, or too large", "check fewer keys at a time")
        at = Location(self._file, mark.line + 1, mark.column + 1)
        found = self._plain(item, at, depth)
        return Node({_function(item.tag): _arguments(item.tag, found)}, at) if item.tag.startswith("!") else found

    def _plain(self, item: yaml.Node, at: Location, depth: int) -> Node:
        if isinstance(item, yaml.MappingNode):
            members = {
                str(name.value): self.node(member, name.start_mark, depth + 1)
                for name, member in item.value
                if isinstance(name, yaml.ScalarNode)
            }
            return Node(members, at)
        if isinstance(item, yaml.SequenceNode):
            return Node([self.node(element, element.start_mark, depth + 1) for element in item.value], at)
        return Node(str(item.value), at)


def _function(tag: str) -> str:
    """`!Ref` is `Ref`, `!Condition` is `Condition`, and `!Sub` is `Fn::Sub`."""
    name = tag.removeprefix("!")
    return name if name in {"Ref", "Condition"} else f"Fn::{name}"


def _arguments(tag: str, found: Node) -> Node:
    """`!GetAtt Role.Arn` is a list of two in its long form."""
    if tag != "!GetAtt" or found.text is None:
        return found
    name, _, attribute = found.text.partition(".")
    return Node([Node(name, found.location), Node(attribute, found.location)], found.location)
