"""Values as HCL text: strings that no template reads, and lists and maps as `fmt` lays them out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

Value = str | int | bool | None | Sequence["Value"] | Mapping[str, "Value"]

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def literal(value: Value, indent: str = "") -> str:
    """A value, whose further lines begin with `indent`."""
    match value:
        case None:
            return "null"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
        case bool() | int():
            return json.dumps(value)
        case Mapping():
            return f"{{\n{body(value, f'{indent}  ')}{indent}}}" if value else "{}"
        case _:
            inside = f"{indent}  "
            lines = "".join(f"{inside}{literal(item, inside)},\n" for item in value)
            return f"[\n{lines}{indent}]" if value else "[]"


def body(values: Mapping[str, Value], indent: str) -> str:
    """Arguments or a map's members, one a line; the equals signs of neighbours of one line stand below each other."""
    names = {name: name if _IDENTIFIER.fullmatch(name) else literal(name) for name in values}
    texts = {name: literal(value, indent) for name, value in values.items()}
    lines: list[str] = []
    group: list[str] = []

    def close() -> None:
        width = max((len(names[name]) for name in group), default=0)
        lines.extend(f"{indent}{names[name].ljust(width)} = {texts[name]}\n" for name in group)
        group.clear()

    for name, text in texts.items():
        if "\n" in text:
            close()
            lines.append(f"{indent}{names[name]} = {text}\n")
        else:
            group.append(name)
    close()
    return "".join(lines)


def identifier(name: str) -> str:
    """The nearest name that HCL takes for a block."""
    text = re.sub(r"[^A-Za-z0-9_-]", "_", name)
    return text if _IDENTIFIER.fullmatch(text) else f"_{text}"
