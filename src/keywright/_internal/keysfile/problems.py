"""Turns what pydantic says about a key into problems that stand on the line a person wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from keywright._internal.keysfile.source import Path_, Source
from keywright._internal.model.account_targets import AccountTarget
from keywright._internal.model.grant import Grant, GrantConstraints
from keywright._internal.model.key import Key
from keywright._internal.model.key_fields import ReplicaRegion
from keywright._internal.model.pattern_use import PatternUse
from keywright._internal.model.policy_statement import PolicyStatement, StatementCondition, StatementPrincipal
from keywright._internal.model.spelling import did_you_mean
from keywright._internal.model.stack import Stack
from keywright._internal.model.value_error import Fault
from keywright._internal.model.values import DELETION_WINDOW, ROTATION_PERIOD
from keywright.errors import Problem

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_MODELS_INSIDE: dict[str, type[BaseModel]] = {
    "replica_regions": ReplicaRegion,
    "patterns": PatternUse,
    "statements": PolicyStatement,
    "principals": StatementPrincipal,
    "not_principals": StatementPrincipal,
    "conditions": StatementCondition,
    "grants": Grant,
    "constraints": GrantConstraints,
}
"""The models by the fields that hold them."""

_MESSAGES = {
    "string_type": ("is not text", "write it in quotes"),
    "int_type": ("is not a whole number", "write a whole number, without quotes"),
    "bool_type": ("is not true or false", "write `true` or `false`, without quotes"),
    "tuple_type": ("is not a list", "write a list: `[…]`, or each entry on a line of its own after `- `"),
    "dict_type": ("is not a mapping", "write `name: value` pairs below it"),
    "model_type": ("is not a mapping of fields", "write `field: value` pairs below it"),
    "missing": ("is missing", "write it"),
    "too_short": ("is empty", "name at least one, or remove the field"),
}


_NAMES: dict[type[BaseModel], str] = {
    AccountTarget: "of a target",
    Stack: "of a stack",
    Key: "of a key",
    ReplicaRegion: "of a replica",
    PatternUse: "of the use of a pattern",
    PolicyStatement: "of a statement",
    StatementPrincipal: "of the principals of a statement",
    StatementCondition: "of a condition",
    Grant: "of a grant",
    GrantConstraints: "of a grant's constraints",
}


def key_problems(source: Source, root: Path_, declared: Declared, error: ValidationError) -> Iterator[Problem]:
    """The problems of one key.

    Args:
        source: the file.
        root: the path of the key in it.
        declared: where each field of the key was written.
        error: what is wrong with the key.
    """
    for item in _worth_saying(error):
        message, remedy = _words(item, Key)
        place = declared.place(root, _path(item), item.get("ctx", {}).get("fields", ()))
        yield source.problem(*place, message, remedy, _value(item), of_name=_is_of_name(item))


def unplaced_problems(model: type[BaseModel], error: ValidationError) -> Iterator[Problem]:
    """The problems of a key or a stack that stands in no file."""
    for item in _worth_saying(error):
        message, remedy = _words(item, model)
        yield Problem(_path(item), message, remedy, _value(item))


def _worth_saying(error: ValidationError) -> Iterator[ErrorDetails]:
    items = error.errors(include_url=False)
    for item in items:
        inside = _path(item)
        if item["type"] == "too_short" and any(
            _path(other)[: len(inside)] == inside != _path(other) for other in items
        ):
            continue  # A list is short of those of its entries that are wrong themselves.
        yield item


def head_problems(
    source: Source, model: type[BaseModel], error: ValidationError, root: Path_ = ()
) -> Iterator[Problem]:
    """The problems of the fields at the top of a file, or below `root`, which `model` describes."""
    for item in error.errors(include_url=False):
        path = (*root, *_path(item))
        message, remedy = _words(item, model)
        if not root and item["type"] == "extra_forbidden" and path[0] in Key.model_fields:
            remedy = "write it under `defaults:`, or under a key"
        yield source.problem(path, path, message, remedy, _value(item), of_name=_is_of_name(item))


class Declared:
    """Where the fields of one key were written: in the key itself, in `defaults`, or at the top of the file."""

    def __init__(self, own: object, defaults: object, shared: tuple[str, ...]) -> None:
        self._own = own if isinstance(own, dict) else {}
        self._defaults = defaults if isinstance(defaults, dict) else {}
        self._shared = shared

    def place(self, root: Path_, inside: Path_, involved: tuple[str, ...] = ()) -> tuple[Path_, Path_]:
        """The path of a field of the key, and the path whose line shows what is wrong with it.

        A field that conflicts with one of the key's own is the key's matter, wherever it was written itself.
        """
        if not inside or inside[0] in self._own:
            return (*root, *inside), (*root, *inside)
        own = next((name for name in involved if name in self._own), None)
        if own is not None:
            return (*root, *inside), (*root, own)
        if inside[0] in self._defaults:
            return ("defaults", *inside), ("defaults", *inside)
        return (inside, inside) if inside[0] in self._shared else ((*root, *inside), (*root, *inside))


def _path(item: ErrorDetails) -> Path_:
    return tuple(part for part in item["loc"] if part != "[key]")


def _value(item: ErrorDetails) -> str | int | None:
    given = item["input"]
    if _is_of_name(item) or not isinstance(given, str | int):
        return None
    return str(given).lower() if isinstance(given, bool) else given


def _is_of_name(item: ErrorDetails) -> bool:
    return item["loc"][-1:] == ("[key]",) or item["type"] == "extra_forbidden"


def _words(item: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    context: dict[str, Any] = item.get("ctx", {})
    fault = context.get("error")
    words = ("", "")
    if isinstance(fault, Fault):
        words = (fault.message, fault.remedy)
    elif item["type"] == "conflict":
        words = (context["message"], context["remedy"])
    elif item["type"] == "extra_forbidden":
        words = _unknown_field(item["loc"], model)
    elif item["type"] == "literal_error":
        words = _not_a_choice(str(item["input"]), context["expected"])
    elif item["type"] in {"greater_than_equal", "less_than_equal"}:
        words = _out_of_range(item["loc"])
    elif item["type"] == "string_too_long":
        words = (f"is longer than {context['max_length']:,} characters", "shorten it")
    elif item["type"] == "string_type" and isinstance(item["input"], dict | list):
        words = ("is not text", "write it as text; a policy as JSON in a block that begins with `|`")
    elif item["type"] in _MESSAGES:
        words = _MESSAGES[item["type"]]
    else:
        words = (item["msg"][:1].lower() + item["msg"][1:], "")
    return words


def _not_a_choice(given: str, expected: str) -> tuple[str, str]:
    choices = expected.split("'")[1::2]
    return "is not a value of this field", did_you_mean(given, choices) or f"write {expected.replace(chr(39), '`')}"


def _out_of_range(path: tuple[str | int, ...]) -> tuple[str, str]:
    low, high = ROTATION_PERIOD if path[0] == "rotation_period_in_days" else DELETION_WINDOW
    return f"is not from {low} to {high}", f"write a whole number of days from {low} to {high}"


def _unknown_field(path: tuple[str | int, ...], model: type[BaseModel]) -> tuple[str, str]:
    name = str(path[-1])
    if name == "<<":
        return "is a merge key, which is not read", "write what the keys share under `defaults:`"
    inside = [part for part in path[:-1] if part in _MODELS_INSIDE]
    model = _MODELS_INSIDE[str(inside[-1])] if inside else model
    if model is PatternUse:
        return f"is not a field {_NAMES[model]}", f"write `parameters: {{{name}: …}}`"
    known = tuple(field.alias or alias for alias, field in model.model_fields.items())
    remedy = did_you_mean(name, known) or f"the fields are {', '.join(known)}"
    return f"is not a field {_NAMES.get(model, 'at the top of a file')}", remedy
