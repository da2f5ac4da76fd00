"""A template's text: readable YAML, the same bytes for the same keys, with a comment where a reader needs one."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any, Final

import yaml

from keywright._internal.export.functions import Function, Value
from keywright._internal.export.template import Template

_WIDTH: Final = 120
_ENDLESS: Final = 1 << 20
"""Wider than any line: folded texts would make differences hard to read."""
_TAKEN_FOR_MORE: Final = re.compile(r"[-+.0-9]|[yYnN]\Z")
"""Texts that some readers of YAML 1.1 take for a number or a truth value, such as `012345678901` or `1e3`."""
_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_DUMPER):  # type: ignore[misc, valid-type] # libyaml's where there is one
    def ignore_aliases(self, data: object) -> bool:
        """Write equal values out each time: CloudFormation's own tools don't all read anchors."""
        del data
        return True


def _function(dumper: Any, function: Function) -> yaml.Node:
    tag, argument = f"!{function.name}", function.argument
    if isinstance(argument, str):
        node: yaml.Node = dumper.represent_scalar(tag, argument)
    else:
        node = dumper.represent_sequence(tag, argument)
    return node


def _text(dumper: Any, text: str) -> yaml.ScalarNode:
    style = "'" if _TAKEN_FOR_MORE.match(text) else None
    node: yaml.ScalarNode = dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)
    return node


_Dumper.add_representer(Function, _function)
_Dumper.add_representer(str, _text)


def comment_text(lines: Iterable[str]) -> str:
    """Comments for the top of a template; a command, which begins with spaces, stays on its line."""
    return "".join(_comment(line) for line in lines)


def template_text(template: Template) -> str:
    """The template as YAML."""
    parts = [_yaml(template.head()), "Resources:\n"]
    for key in template.keys:
        parts += [_comment(note, indent="  ") for note in (f"{key.name}", *key.notes)]
        parts.append(textwrap.indent(_yaml(dict(key.resources)), "  "))
    if template.with_outputs:
        outputs = {name: output for key in template.keys for name, output in key.outputs.items()}
        parts.append(_yaml({"Outputs": outputs}))
    return "".join(parts)


def _yaml(value: Mapping[str, Value]) -> str:
    text: str = yaml.dump(
        dict(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_ENDLESS, default_flow_style=False
    )
    return text


def _comment(text: str, indent: str = "") -> str:
    if text.startswith(" "):
        return f"{indent}# {text}\n"
    lines = textwrap.wrap(text, _WIDTH - len(indent) - 2, break_long_words=False, break_on_hyphens=False)
    return "".join(f"{indent}# {line}\n" for line in lines)
