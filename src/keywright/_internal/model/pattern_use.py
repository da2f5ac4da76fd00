"""One use of a pattern of the catalogue by a key: the pattern's name and the values of its parameters.

The form is the Terraform module's `policy_patterns`: `{name, parameters}`. In a file a bare name stands for a
pattern without parameters, and one value for a list of one. What a pattern's parameters are is the catalogue's
matter (`policy.catalogue`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from keywright._internal.model.declared_model import DeclaredModel
from keywright._internal.model.value_error import Fault


def _texts(value: Any) -> Any:
    items = value if isinstance(value, list | tuple) else (value,)
    return tuple(str(item) if isinstance(item, int) and not isinstance(item, bool) else item for item in items)


def _named(value: Any) -> Any:
    if isinstance(value, str):
        return {"name": value}
    if isinstance(value, dict) and len(value) == 1 and "name" not in value:
        raise Fault("has no `name`", f"write `{{name: {next(iter(value))}, parameters: {{…}}}}`")
    return value


class PatternUse(DeclaredModel):
    """A pattern by name, with its parameters."""

    name: str
    """The pattern's name in the catalogue."""
    parameters: dict[str, Annotated[tuple[str, ...], BeforeValidator(_texts)]] = Field(default_factory=dict)
    """The values of each of its parameters."""

    def __hash__(self) -> int:
        return hash((self.name, tuple(sorted(self.parameters.items()))))


def occurrences(uses: tuple[PatternUse, ...]) -> Iterator[tuple[PatternUse, int]]:
    """Each use with its number among the uses of the same pattern, counted from 1."""
    seen: dict[str, int] = {}
    for use in uses:
        seen[use.name] = seen.get(use.name, 0) + 1
        yield use, seen[use.name]


DeclaredPatternUse = Annotated[PatternUse, BeforeValidator(_named)]
"""A use as a field of a key: also a bare name."""
