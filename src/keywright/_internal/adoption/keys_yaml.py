"""The text of a keys file: plain where YAML reads plain text as text, quoted elsewhere, policies line by line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_/.-]*( [A-Za-z0-9_/.-]+)*")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_SHARED: Final = ("region", "account", "assume_role_arn")


class _Dumper(yaml.SafeDumper):
    """Writes text so that every YAML reads it as text."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - lists are indented
        """Indent lists below their field."""
        super().increase_indent(flow, indentless=False)


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    style = None if _PLAIN.fullmatch(value) and value.lower() not in _WORDS else '"'
    if "\n" in value:
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def keys_yaml(stack: str, keys: Mapping[str, Mapping[str, Any]], comments: Iterable[str] = ()) -> str:
    """A keys file.

    Args:
        stack: the stack's name.
        keys: the fields of each key, by name.
        comments: lines to stand above it all.
    """
    head: dict[str, Any] = {"stack": stack}
    for field in _SHARED:
        values = {fields.get(field) for fields in keys.values()}
        if len(values) == 1 and (value := next(iter(values))) is not None:
            head[field] = value
    body = {
        name: {field: value for field, value in fields.items() if field not in head} for name, fields in keys.items()
    }
    lines = "".join(f"# {line}\n" if line else "#\n" for line in comments)
    return f"{lines}{_dump(head)}\n{_dump({'keys': body})}"


def _dump(value: Mapping[str, Any]) -> str:
    text: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=10**6
    )
    return text
