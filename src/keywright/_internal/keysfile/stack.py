"""The stack that a file declares, with its defaults merged in and every error of the file reported together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from keywright._internal.keysfile.policy_files import PolicyFiles, with_policy_files
from keywright._internal.keysfile.policy_problems import declaration_problems, own_claim_problems
from keywright._internal.keysfile.problems import Declared, head_problems, key_problems
from keywright._internal.keysfile.references import References
from keywright._internal.keysfile.source import Path_, Source, count_of, read_source
from keywright._internal.keysfile.targets import built_in_references, has_targets, targets_of
from keywright._internal.model import values
from keywright._internal.model.account_targets import Deployment
from keywright._internal.model.key import Key, right_fields, wrong_fields
from keywright._internal.model.stack import NAME, Stack, StackName
from keywright._internal.model.stack_rules import Clash, clashes
from keywright._internal.model.value_error import Fault
from keywright.errors import InvalidKeysFile, Problem, UsageError

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
    parameters: dict[str, Any] | None = None
    targets: list[Any] | None = None
    defaults: dict[str, Any] | None = None
    keys: Annotated[dict[str, Any], BeforeValidator(_keys)]


def load_stack(path: Path, account: str | None = None) -> Stack:
    """Read and check a keys file.

    Args:
        path: the file.
        account: of a file with targets, the account; plays no part for others.

    Raises:
        InvalidKeysFile: with every problem of the file, each on its line.
        UsageError: the file has targets, and nothing says the account, or it is of none of them.
    """
    return one_stack(read_source(path), account)


def one_stack(source: Source, account: str | None = None) -> Stack:
    """What a file declares in one account; all else as of `load_stack`."""
    if has_targets(source) and account is None:
        message = f"`{source.file}` has targets, and this is about one account"
        raise UsageError(message, "name the account with --account")
    (stack,) = checked_stacks(source, account).values()
    return stack


def checked_stacks(source: Source, account: str | None = None) -> dict[str | None, Stack]:
    """What a file declares, by account: without AWS, in those that it names, or in the one that is given.

    A file without targets has one stack, under None.

    Raises:
        InvalidKeysFile: with every problem of the file, each on its line.
        UsageError: the account is of no target, or the file names none.
    """
    if not has_targets(source):
        return {None: stack_of(source)}
    return {item.account: stack_of(source, item) for item in targets_of(source).offline(account)}


def check_source(source: Source) -> Stack:
    """Check a file; of one with targets, with the parameters of each.

    Returns:
        What it declares; of a file with targets, in some account of the first.

    Raises:
        InvalidKeysFile: with every problem of the file, each on its line.
    """
    if not has_targets(source):
        return stack_of(source)
    stacks: list[Stack] = []
    problems: list[Problem] = []
    for deployment in targets_of(source).samples():
        try:
            stacks.append(stack_of(source, deployment))
        except InvalidKeysFile as error:
            if not error.problems:
                raise
            problems += error.problems
    if problems:
        raise _invalid(source, problems)
    return stacks[0]


def stack_of(source: Source, deployment: Deployment | None = None) -> Stack:
    """The stack that a file declares.

    Args:
        source: the file.
        deployment: of a file with targets, the account and what differs there.

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
    problems.extend(_target_problems(source, document, deployment))
    keys: dict[str, Key] = {}
    halves: dict[str, Key] = {}
    for name, own, declared in _declared(document):
        root: Path_ = ("keys", name)
        if not NAME.fullmatch(name):
            problems.append(source.problem(root, root, *_NO_NAME_FOR_A_KEY, name, of_name=True))
        read = with_policy_files(_merged(document, own, wrong, deployment), Path(source.file).parent)
        blamed = frozenset({"policy"} if read.problems else ())
        if deployment is not None:
            blamed |= _resolve(read, deployment)
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
    claims, of_claims = ([], []) if "claims" in wrong else _claims(document, deployment)
    problems.extend(source.problem(item.path, item.path, item.message, item.remedy, item.value) for item in of_claims)
    if problems:
        raise _invalid(source, problems)
    return Stack(name=document["stack"], keys=keys, claims=tuple(claims))


def _invalid(source: Source, problems: Iterable[Problem]) -> InvalidKeysFile:
    each_once = tuple({(item.location, item.path, item.message): item for item in sorted(problems, key=_line)}.values())
    return InvalidKeysFile(f"`{source.file}` has {count_of(len(each_once))}", problems=each_once)


def _target_problems(source: Source, document: Mapping[str, Any], deployment: Deployment | None) -> Iterator[Problem]:
    """What a file says of accounts that doesn't go together."""
    if deployment is None:
        if document.get("parameters") is not None:
            path: Path_ = ("parameters",)
            yield source.problem(path, path, "is for a file with targets", "write `targets:`, or remove it")
        return
    keys = document.get("keys")
    places: list[Path_] = [(), ("defaults",), *(("keys", name) for name in (keys if isinstance(keys, dict) else ()))]
    for place in places:
        for field in _OF_TARGETS:
            path = (*place, field)
            if path in source.places:
                yield source.problem(
                    path, path, "stands beside `targets`", "remove it: the targets say the accounts and their role"
                )


def _claims(document: Mapping[str, Any], deployment: Deployment | None) -> tuple[list[str], list[Problem]]:
    """The claims on every key of a file, and what is wrong with them."""
    claims, region = list(document.get("claims") or ()), (deployment and deployment.region) or document.get("region")
    found: list[Problem] = []
    if deployment is not None:
        references = _references(deployment, region)
        claims = references.resolved(claims, ("claims",))
        found += references.problems
    return claims, found or list(own_claim_problems(claims, None, region))


def _references(deployment: Deployment, region: object) -> References:
    known = built_in_references(deployment.account, deployment.partition, str(region) if region else None)
    return References({**known, **{f"parameters.{name}": value for name, value in deployment.parameters.items()}})


def _references_of_key(deployment: Deployment, region: object) -> References:
    """What the fields of a key may refer to: also its Region, once that is known if it is a reference itself."""
    first = _references(deployment, None)
    resolved = first.resolved(region)
    return _references(deployment, None if first.problems else resolved)


def _resolve(read: PolicyFiles, deployment: Deployment) -> frozenset[str]:
    """Replace the references in the fields of a key; those that refer to nothing are taken out, and returned."""
    if not isinstance(read.fields, dict):
        return frozenset()
    references = _references_of_key(deployment, read.fields.get("region"))
    fields = references.resolved(read.fields)
    wrong = frozenset(str(problem.path[0]) for problem in references.problems)
    read.fields = {name: value for name, value in fields.items() if name not in wrong and value is not None}
    read.problems += [
        replace(problem, path=(*problem.path[:-1], "policy_file")) if problem.path in read.files else problem
        for problem in references.problems
    ]
    return wrong


_OF_TARGETS = ("account", "assume_role_arn")


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


def _merged(document: Mapping[str, Any], own: object, wrong: Collection[str], deployment: Deployment | None) -> object:
    """A key's fields with what the file says for all; a field that is null is as good as left out."""
    if own is None:
        own = {}
    if not isinstance(own, dict):
        return own
    shared = {name: document[name] for name in SHARED_FIELDS if name in document and name not in wrong}
    if deployment is not None:
        shared |= {"account": deployment.account, "assume_role_arn": deployment.role_arn}
        shared |= {"region": deployment.region} if deployment.region else {}
    defaults = document.get("defaults")
    defaults = defaults if isinstance(defaults, dict) else {}
    merged = {**shared, **defaults, **own}
    if isinstance(defaults.get("tags"), dict) and isinstance(own.get("tags"), dict):
        merged["tags"] = {**defaults["tags"], **own["tags"]}
    return {name: value for name, value in merged.items() if value is not None}
