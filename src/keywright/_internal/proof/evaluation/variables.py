"""Policy variables and wildcards: a template of the policy becomes a pattern of literal text and wildcards.

Section 5.5 of the semantics; see
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.facts.condition_keys import is_multivalued

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


VARIABLES_VERSION: Final = "2012-10-17"
"""In any other Version, and without one, `${…}` is literal text."""


class Wildcard(Enum):
    """A wildcard that stands in a pattern; the same character from a variable's value is plain text."""

    ANY = "*"
    ONE = "?"


class Variable(str):
    """The inside of a `${…}`: a context key, perhaps with a default."""

    __slots__ = ()


Pattern = tuple[str | Wildcard, ...]
"""Literal text and wildcards, in order."""

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_DEFAULT = re.compile(r"([^,]*), '(.*)'", re.DOTALL)
_LITERALS = {"*": "*", "?": "?", "$": "$"}
"""`${*}`, `${?}` and `${$}` stand for the characters themselves."""


@lru_cache(maxsize=16384)
def template(text: str, *, variables: bool, wildcards: bool) -> tuple[str | Wildcard | Variable, ...]:
    """Cut a policy's string into literal text, wildcards and variables.

    Args:
        text: the string as the policy has it.
        variables: whether `${…}` is more than text: Version 2012-10-17, in an element that takes variables.
        wildcards: whether `*` and `?` are more than text.
    """
    parts: list[str | Wildcard | Variable] = []
    pieces = _VARIABLE.split(text) if variables else [text]
    for index, piece in enumerate(pieces):
        if index % 2:
            parts.append(_LITERALS[piece] if piece in _LITERALS else Variable(piece))
        elif wildcards:
            parts += [Wildcard(part) if part in {"*", "?"} else part for part in re.split(r"([*?])", piece) if part]
        elif piece:
            parts.append(piece)
    return tuple(parts)


def has_variables(text: str) -> bool:
    """Whether the string has a `${…}` that would be looked up in the request."""
    return "${" in text and any(isinstance(part, Variable) for part in template(text, variables=True, wildcards=False))


def variable_keys(text: str) -> tuple[str, ...]:
    """The context keys that a string's variables name, as written."""
    parts = template(text, variables=True, wildcards=False) if "${" in text else ()
    return tuple(_split(part)[0] for part in parts if isinstance(part, Variable))


def expand(text: str, context: Mapping[str, Sequence[str]], *, variables: bool, wildcards: bool) -> Pattern | None:
    """The pattern a policy's string means in one request; None where a variable has neither value nor default."""
    pattern: list[str | Wildcard] = []
    for part in template(text, variables=variables, wildcards=wildcards):
        if isinstance(part, Variable):
            value = _resolve(part, context)
            if value is None:
                return None
            pattern.append(value)
        else:
            pattern.append(part)
    return tuple(pattern)


def _resolve(variable: str, context: Mapping[str, Sequence[str]]) -> str | None:
    """A variable's value: only a single-valued key has one, and a default stands in for an absent key only."""
    key, default = _split(variable)
    values = context.get(fold(key), ())
    if not values:
        return default
    return values[0] if len(values) == 1 and not is_multivalued(key) else None


def _split(variable: str) -> tuple[str, str | None]:
    match = _DEFAULT.fullmatch(variable)
    return (match[1], match[2]) if match else (variable, None)
