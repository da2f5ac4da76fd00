"""`Fn::ForEach` written out, where the template tells what it loops over.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from keywright._internal.templates.intrinsics import resolve
from keywright._internal.templates.nodes import Node, Unresolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.templates.intrinsics import Scope

LOOP: Final = "Fn::ForEach::"
_PARTS: Final = 3
"""An identifier, a collection, and what is made for each element."""
_NOT_ALPHANUMERIC: Final = re.compile(r"[^A-Za-z0-9]")


def unrolled(members: Mapping[str, Node], scope: Scope) -> Iterator[tuple[str, Node]]:
    """The members with those that loops make; a loop over what isn't known stays as it is."""
    for name, member in members.items():
        made = _made(member, scope) if name.startswith(LOOP) else None
        if made is None:
            yield name, member
        else:
            for turn in made:
                yield from unrolled(turn, scope)


def _made(loop: Node, scope: Scope) -> list[Mapping[str, Node]] | None:
    if len(loop.elements) != _PARTS:
        return None
    identifier, collection, body = loop.elements
    resolved = resolve(collection, scope)
    values = [item.text for item in resolved.elements]
    if identifier.text is None or None in values or isinstance(resolved.value, str | Unresolved):
        return None
    return [_with_value(body, identifier.text, value).members for value in values if value is not None]


def _with_value(node: Node, identifier: str, value: str) -> Node:
    """The node with the loop's variable replaced: `${X}`, `&{X}` (letters and digits only), and a `Ref` to it."""
    if isinstance(node.value, Unresolved):
        return node
    if isinstance(node.value, str):
        return Node(_replaced(node.value, identifier, value), node.location)
    if isinstance(node.value, Mapping):
        reference = node.value.get("Ref") if len(node.value) == 1 else None
        if reference is not None and reference.text == identifier:
            return Node(value, node.location)
        return Node(
            {
                _replaced(name, identifier, value): _with_value(member, identifier, value)
                for name, member in node.value.items()
            },
            node.location,
        )
    return Node([_with_value(element, identifier, value) for element in node.value], node.location)


def _replaced(text: str, identifier: str, value: str) -> str:
    plain = _NOT_ALPHANUMERIC.sub("", value)
    return text.replace(f"${{{identifier}}}", value).replace(f"&{{{identifier}}}", plain)
