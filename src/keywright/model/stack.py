"""A stack: the named keys of one file, with its defaults merged in and every error of the file reported together."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from keywright.errors import InputError, Problem
from keywright.model.facts import partition_of_region
from keywright.model.key import Key
from keywright.model.source import Path_, Source, read_source

_NAME = re.compile(r"^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}$")
_SHARED_FIELDS = ("region", "account", "assume_role_arn")
_TOP_FIELDS = ("stack", *_SHARED_FIELDS, "claims", "defaults", "keys")


class Stack(BaseModel):
    """The keys of one file. Its name and each key's name are the identity that the tags on AWS carry."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(alias="stack", pattern=_NAME.pattern)
    keys: dict[str, Key]
    claims: tuple[str, ...] = ()
    """Claims that hold for each key of the file, beside the key's own."""


def load_stack(path: Path) -> Stack:
    """Read and check a file of keys.

    Raises:
        InputError: with every problem of the file, each on its line.
    """
    source = read_source(path)
    problems: list[Problem] = []
    document = source.value
    if not isinstance(document, dict):
        raise InputError(f"`{path}` holds no mapping", "begin with `stack:` and `keys:`; see `keywright init`")
    problems.extend(_top_problems(source, document))
    keys: dict[str, Key] = {}
    declared = document.get("keys")
    for name, own in declared.items() if isinstance(declared, dict) else ():
        if not _NAME.match(name):
            problems.append(source.problem(("keys", name), "is not a name for a key", "use letters, digits, `-_.`"))
        try:
            keys[name] = Key.model_validate(_merged(document, own))
        except ValidationError as error:
            problems.extend(_key_problems(source, name, own, error))
    problems.extend(_alias_clashes(source, keys))
    if problems:
        count = "a problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise InputError(f"`{path}` has {count}", problems=tuple(problems))
    return Stack.model_construct(name=document["stack"], keys=keys, claims=tuple(document.get("claims") or ()))


def _top_problems(source: Source, document: Mapping[str, Any]) -> Iterator[Problem]:
    for name in document:
        if name not in _TOP_FIELDS:
            yield source.problem((name,), "is not a field here", _suggestion(name, _TOP_FIELDS))
    stack = document.get("stack")
    if not isinstance(stack, str) or not _NAME.match(stack):
        yield source.problem(("stack",), "is missing or no name", "write for example `stack: payments`", stack)
    region = document.get("region")
    if region is not None and region not in partition_of_region():
        yield source.problem(("region",), "is not an AWS Region", "write for example `eu-west-1`", region)
    if not isinstance(document.get("keys"), dict) or not document["keys"]:
        yield source.problem(("keys",), "is missing or empty", "declare at least one key under `keys:`")
    claims = document.get("claims")
    if not (claims is None or (isinstance(claims, list) and all(isinstance(item, str) for item in claims))):
        yield source.problem(("claims",), "is not a list of claims", "write each claim as text on a line of its own")
    if not isinstance(document.get("defaults") or {}, dict):
        yield source.problem(("defaults",), "is not a mapping of a key's fields", "indent the fields below it")


def _merged(document: Mapping[str, Any], own: object) -> object:
    if own is None:
        own = {}
    if not isinstance(own, dict):
        return own
    shared = {name: document[name] for name in _SHARED_FIELDS if document.get(name) is not None}
    if isinstance(shared.get("region"), str) and shared["region"] not in partition_of_region():
        del shared["region"]  # reported once, at the top
    defaults = document.get("defaults")
    defaults = defaults if isinstance(defaults, dict) else {}
    merged = {**shared, **defaults, **own}
    if isinstance(defaults.get("tags"), dict) and isinstance(own.get("tags"), dict):
        merged["tags"] = {**defaults["tags"], **own["tags"]}
    return merged


def _key_problems(source: Source, name: str, own: object, error: ValidationError) -> Iterator[Problem]:
    for item in error.errors():
        inside: Path_ = tuple(part for part in item["loc"] if part != "[key]")
        from_defaults = bool(inside) and not (isinstance(own, dict) and inside[0] in own)
        root: Path_ = ("defaults",) if from_defaults and ("defaults", inside[0]) in source.places else ("keys", name)
        remedy = ""
        message = str(item["msg"]).removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            message, remedy = "is not a field of a key", _suggestion(str(inside[-1]), tuple(Key.model_fields))
        else:
            message = message[0].lower() + message[1:]
        message, _, written = message.partition("; ") if not remedy and inside else (message, "", "")
        value = None if isinstance(item.get("input"), dict) else item.get("input")
        yield source.problem((*root, *inside), message, remedy or written, value)


def _alias_clashes(source: Source, keys: Mapping[str, Key]) -> Iterator[Problem]:
    holders: dict[tuple[str | None, str | None, str], str] = {}
    for name, key in keys.items():
        for index, alias in enumerate(key.aliases):
            first = holders.setdefault((key.account, key.region, alias), name)
            if first != name:
                yield source.problem(
                    ("keys", name, "aliases", index),
                    f"`{alias}` is also an alias of the key `{first}`",
                    "an alias names one key in an account and Region; rename one of them",
                )


def _suggestion(name: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else f"the fields are {', '.join(known)}"
