"""The stack that a file declares, with its defaults merged in and every error of the file reported together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from keywright._internal.keysfile.policy_files import with_policy_files
from keywright._internal.keysfile.policy_problems import declaration_problems, own_claim_problems
from keywright._internal.keysfile.problems import Declared, head_problems, key_problems
from keywright._internal.keysfile.source import Path_, Source, count_of, read_source
from keywright._internal.model import values
from keywright._internal.model.key import Key, right_fields, wrong_fields
from keywright._internal.model.stack import NAME, Stack, StackName
from keywright._internal.model.stack_rules import Clash, clashes
from keywright._internal.model.value_error import Fault
from keywright.errors import InvalidKeysFile, Problem

SHARED_FIELDS = ("region", "account", "assume_role_arn")


def _keys(value: object) -> object:
    if not isinstance(value, dict):
        raise Fault("is not a mapping of names to keys", "write `NAME:` for each key, and its fields below that")
    if not value:
        raise Fault("is empty", "declare at least one key under `keys:`")
    return value


class _Head(BaseModel):
    """The fields at the top of a file; what is inside `defaults` and `keys` is looked at key by key."""

    model_config = ConfigDict(extra="forbid", strict=True)

    stack: StackName
    region: values.Region | None = None
    account: values.Account | None = None
    assume_role_arn: values.RoleArn | None = None
    claims: values.Claims | None = None
    defaults: dict[str, Any] | None = None
    keys: Annotated[dict[str, Any], BeforeValidator(_keys)]


def load_stack(path: Path) -> Stack:
    """Read and check a keys file.

    Raises:
        InvalidKeysFile: with every problem of the file, each on its line.
    """
    return stack_of(read_source(path))


def stack_of(source: Source) -> Stack:
    """The stack that a file declares.

    Raises:
        InvalidKeysFile: with every problem of the file, each on its line.
    """
    document = source.value
    if not isinstance(document, dict):
        what = "is empty" if document is None else "holds no mapping"
        raise InvalidKeysFile(
            f"`{source.file}` {what}", "begin with `stack:` and `keys:`, as `keywright init` writes them"
        )
    problems: list[Problem] = []
    wrong: frozenset[str] = frozenset()
    try:
        _Head.model_validate(document)
    except ValidationError as error:
        problems.extend(head_problems(source, _Head, error))
        wrong = wrong_fields(error)
    keys: dict[str, Key] = {}
    halves: dict[str, Key] = {}
    for name, own, declared in _declared(document):
        root: Path_ = ("keys", name)
        if not NAME.fullmatch(name):
            problems.append(source.problem(root, root, *_NO_NAME_FOR_A_KEY, name, of_name=True))
        read = with_policy_files(_merged(document, own, wrong), Path(source.file).parent)
        blamed = frozenset({"policy"} if read.problems else ())
        problems.extend(_policy_problems(source, root, declared, read.problems))
        try:
            key = keys[name] = Key.model_validate(read.fields)
        except ValidationError as error:
            problems.extend(key_problems(source, root, declared, error))
            if not isinstance(read.fields, dict):
                continue
            blamed |= wrong_fields(error)
            key = halves[name] = right_fields(read.fields, blamed)
        found = declaration_problems(key, without=blamed, files=read.files)
        problems.extend(_policy_problems(source, root, declared, found))
    problems.extend(_clash_problems(source, document, clashes({**keys, **halves})))
    if "claims" not in wrong:
        of_all = own_claim_problems(document.get("claims") or (), None, document.get("region"))
        problems.extend(source.problem(item.path, item.path, item.message, item.remedy, item.value) for item in of_all)
    if problems:
        each_once = tuple(
            {(item.location, item.path, item.message): item for item in sorted(problems, key=_line)}.values()
        )
        raise InvalidKeysFile(f"`{source.file}` has {count_of(len(each_once))}", problems=each_once)
    return Stack(name=document["stack"], keys=keys, claims=tuple(document.get("claims") or ()))


_NO_NAME_FOR_A_KEY = ("is not a name for a key", "use up to 64 letters, digits, `-`, `_` and `.`")


def _line(problem: Problem) -> tuple[str, int, int]:
    at = problem.location
    return (at.file, at.line, at.column) if at else ("", 0, 0)


def _declared(document: Mapping[str, Any]) -> Iterator[tuple[str, object, Declared]]:
    keys = document.get("keys")
    for name, own in keys.items() if isinstance(keys, dict) else ():
        yield name, own, Declared(own, document.get("defaults"), SHARED_FIELDS)


def _policy_problems(source: Source, root: Path_, declared: Declared, problems: Iterable[Problem]) -> Iterator[Problem]:
    for problem in problems:
        path, at = declared.place(root, problem.path)
        if problem.location is not None:
            yield replace(problem, path=path)
        else:
            yield source.problem(path, at, problem.message, problem.remedy, problem.value)


def _clash_problems(source: Source, document: Mapping[str, Any], found: Iterable[Clash]) -> Iterator[Problem]:
    declared = {name: place for name, _, place in _declared(document)}
    for clash in found:
        place = declared[clash.key].place(("keys", clash.key), clash.path)
        yield source.problem(*place, clash.message, clash.remedy, clash.value)


def _merged(document: Mapping[str, Any], own: object, wrong: Collection[str]) -> object:
    """A key's fields with what the file says for all; a field that is null is as good as left out."""
    if own is None:
        own = {}
    if not isinstance(own, dict):
        return own
    shared = {name: document[name] for name in SHARED_FIELDS if name in document and name not in wrong}
    defaults = document.get("defaults")
    defaults = defaults if isinstance(defaults, dict) else {}
    merged = {**shared, **defaults, **own}
    if isinstance(defaults.get("tags"), dict) and isinstance(own.get("tags"), dict):
        merged["tags"] = {**defaults["tags"], **own["tags"]}
    return {name: value for name, value in merged.items() if value is not None}
