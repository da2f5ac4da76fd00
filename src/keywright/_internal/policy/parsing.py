"""Reading a policy: JSON to statements, refusing what the policy grammar leaves open or forbids.

What AWS accepts is accepted, also where it is unwise: a statement without a Resource, a string in place of a
list, a number as a condition value. What AWS refuses, or what two readers could take differently (a member
twice in one object), is refused with its place.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from keywright._internal.policy.document import Condition, PolicyDocument, Principal, Statement
from keywright._internal.policy.json_positions import Path, Positions, place, source_line
from keywright.errors import InvalidPolicy, Location, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

PolicyKind = Literal["resource", "identity"]
"""Whether statements name principals (key, endpoint and resource control policies) or may not
(identity, boundary, session and service control policies)."""

VERSIONS = ("2012-10-17", "2008-10-17")
PRINCIPAL_TYPES = ("AWS", "Service", "Federated", "CanonicalUser")

_TOP_LEVEL = ("Version", "Id", "Statement")
_PRINCIPALS = ("Principal", "NotPrincipal")
_ELEMENTS = ("Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition")
_KNOWN_TOP_LEVEL = frozenset(_TOP_LEVEL)
_KNOWN = frozenset((*_PRINCIPALS, *_ELEMENTS))
_PAIRS = (_PRINCIPALS, ("Action", "NotAction"), ("Resource", "NotResource"))


@dataclass(frozen=True)
class ParsedPolicy:
    """A policy that was read, and the text it was read from."""

    document: PolicyDocument
    text: str
    file: str

    def locate(self, path: Path) -> Location:
        """Where an element stands, by its path in the JSON, as `("Statement", 0, "Action", 1)`.

        A lone statement is also statement 0, a lone string is also element 0. A path that the text lacks gives
        the place of its nearest ancestor. A member of an object stands where its name begins.
        """
        return self._positions.locate(path)

    def source_line(self, number: int) -> str | None:
        """The text of a line, counted from 1."""
        return source_line(self.text.split("\n"), number)

    @cached_property
    def _positions(self) -> Positions:
        return Positions(self.text, self.file)


def parse_policy(text: str, *, file: str = "policy") -> ParsedPolicy:
    """Read a key policy, or another policy whose statements name principals.

    Raises:
        InvalidPolicy: with all problems of the text, each with its file, line and column.
    """
    return _parse(text, file, "resource")


def parse_identity_policy(text: str, *, file: str = "policy") -> ParsedPolicy:
    """Read a policy whose statements name no principal: identity, boundary, session or service control policy.

    Raises:
        InvalidPolicy: as `parse_policy`.
    """
    return _parse(text, file, "identity")


def with_any_resource(trust_policy: dict[str, Any]) -> dict[str, Any]:
    """A role's trust policy, which names no resource because it stands on the role itself; `*` says the same."""
    if "Statement" not in trust_policy:
        return trust_policy
    statements = trust_policy["Statement"]
    each = statements if isinstance(statements, list) else [statements]
    return {**trust_policy, "Statement": [{"Resource": "*", **item} for item in each]}


def parse_policy_value(value: object, *, kind: PolicyKind = "resource") -> PolicyDocument:
    """Read a policy from JSON that is decoded already; duplicate members can't be seen here any more.

    Raises:
        InvalidPolicy: with all problems, each with its path.
    """
    document, problems = _read(value, kind)
    if problems or document is None:
        _refuse(problems, "policy")
    return document


def decode_json(text: str, *, file: str) -> object:
    """JSON as plain values, numbers as the text they were written in; a member twice in one object is refused.

    Raises:
        InvalidPolicy: for text that isn't JSON or in which an object repeats a name.
    """
    seen: list[_Ambiguous] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        names = [name for name, _ in pairs]
        ambiguous = _Ambiguous(found, tuple(sorted({name for name in names if names.count(name) > 1})))
        seen.append(ambiguous)
        return ambiguous

    try:
        value: object = json.loads(
            text,
            object_pairs_hook=members,
            parse_int=NumberText,
            parse_float=NumberText,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        at = Location(file, error.lineno, error.colno)
        problem = Problem((), f"not JSON: {error.msg[0].lower()}{error.msg[1:]}", location=at)
        raise _input_error([replace(problem, source_line=_line(text, at))], file) from error
    except ValueError as error:
        raise _input_error([Problem((), str(error))], file) from error
    except RecursionError as error:
        raise _input_error([Problem((), "not a policy: nested too deeply")], file) from error
    if seen:
        _refuse(_repeats(value, ()), file, text)
    return value


class NumberText(str):
    """A JSON number as it was written, so that `5.0` as a condition value stays `5.0`."""

    __slots__ = ()


class _Ambiguous(dict[str, Any]):
    """An object in which some names stand more than once."""

    def __init__(self, members: Mapping[str, Any], names: tuple[str, ...]) -> None:
        super().__init__(members)
        self.names = names


def _refuse_constant(name: str) -> NoReturn:
    message = f"not JSON: `{name}` is no JSON value"
    raise ValueError(message)


def _repeats(value: object, path: Path) -> list[Problem]:
    found: list[Problem] = []
    if isinstance(value, _Ambiguous):
        found += [
            Problem((*path, name), f"`{name}` stands more than once in one object", "keep one of them")
            for name in value.names
        ]
    if isinstance(value, dict):
        for name, member in value.items():
            found += _repeats(member, (*path, name))
    elif isinstance(value, list):
        for index, element in enumerate(value):
            found += _repeats(element, (*path, index))
    return found


def _parse(text: str, file: str, kind: PolicyKind) -> ParsedPolicy:
    text = text.removeprefix("\ufeff")
    document, problems = _read(decode_json(text, file=file), kind)
    if problems or document is None:
        _refuse(problems, file, text)
    return ParsedPolicy(document, text, file)


def _refuse(problems: list[Problem], file: str, text: str | None = None) -> NoReturn:
    if text is not None:
        positions = Positions(text, file)
        places = [(positions.locate(problem.path), problem) for problem in problems]
        places.sort(key=lambda place: (place[0].line, place[0].column))
        problems = [replace(problem, location=at, source_line=_line(text, at)) for at, problem in places]
    raise _input_error(problems, file)


def _input_error(problems: list[Problem], file: str) -> InvalidPolicy:
    count = "one problem" if len(problems) == 1 else f"{len(problems)} problems"
    first = problems[0]
    where = f"{first.location or file}{f' {first.field}' if first.field else ''}"
    return InvalidPolicy(
        f"`{file}` can't be read as a policy, {count}: {where}: {first.message}", first.remedy, tuple(problems)
    )


def _line(text: str, at: Location) -> str | None:
    return source_line(text.split("\n"), at.line)


# --- From JSON values to statements -------------------------------------------------------------------------


def _read(value: object, kind: PolicyKind) -> tuple[PolicyDocument | None, list[Problem]]:
    problems: list[Problem] = []
    if not isinstance(value, dict):
        return None, [Problem((), f"a policy is a JSON object, not {_name(value)}", value=value)]
    _unknown(value, _KNOWN_TOP_LEVEL, (), problems)
    version = value.get("Version")
    if "Version" in value and version not in VERSIONS:
        remedy = f"write `{VERSIONS[0]}`"
        problems.append(Problem(("Version",), f"{_quoted(version)} is no policy version", remedy, version))
    identifier = _text(value, "Id", (), problems)
    written = value.get("Statement")
    statements: list[Statement] = []
    if "Statement" not in value:
        problems.append(Problem((), "a policy has a `Statement`, and this one has none", "add `Statement`"))
    elif isinstance(written, dict):
        statements.append(_statement(written, ("Statement", 0), kind, problems))
    elif isinstance(written, list):
        for index, item in enumerate(written):
            path: Path = ("Statement", index)
            if isinstance(item, dict):
                statements.append(_statement(item, path, kind, problems))
            else:
                problems.append(Problem(path, f"a statement is a JSON object, not {_name(item)}", value=item))
    else:
        message = f"`Statement` is an object or a list of objects, not {_name(written)}"
        problems.append(Problem(("Statement",), message, value=written))
    return PolicyDocument(tuple(statements), version if isinstance(version, str) else None, identifier), problems


def _statement(body: dict[str, Any], path: Path, kind: PolicyKind, problems: list[Problem]) -> Statement:
    _unknown(body, _KNOWN, path, problems)
    for one, other in _PAIRS:
        if one in body and other in body:
            remedy = "keep one of them, or make two statements"
            problems.append(Problem((*path, other), f"a statement can't have both `{one}` and `{other}`", remedy))
    effect = body.get("Effect")
    if effect not in {"Allow", "Deny"} if isinstance(effect, str) else True:
        wrong = f"{_quoted(effect)} is no effect" if "Effect" in body else "a statement has an `Effect`"
        at = (*path, "Effect") if "Effect" in body else path
        problems.append(Problem(at, wrong, "write `Allow` or `Deny`", effect))
    if kind == "identity":
        _check_identity(body, path, problems)
    elif "Principal" not in body and "NotPrincipal" not in body:
        problems.append(Problem(path, "the statement names no `Principal`", "say whom it is about"))
    return Statement(
        effect="Deny" if effect == "Deny" else "Allow",
        principals=_principals(body, "Principal", path, problems),
        actions=_strings(body, "Action", path, problems),
        resources=_strings(body, "Resource", path, problems),
        conditions=_conditions(body, path, problems),
        sid=_text(body, "Sid", path, problems),
        not_principals=_principals(body, "NotPrincipal", path, problems),
        not_actions=_strings(body, "NotAction", path, problems),
        not_resources=_strings(body, "NotResource", path, problems),
    )


def _check_identity(body: dict[str, Any], path: Path, problems: list[Problem]) -> None:
    """IAM, unlike KMS, refuses a statement without actions or resources, and one with a principal."""
    for name in _PRINCIPALS:
        if name in body:
            remedy = "leave it out: it holds for the identity it is attached to"
            problems.append(Problem((*path, name), f"this kind of policy has no `{name}`", remedy))
    for one, other in _PAIRS[1:]:
        if one not in body and other not in body:
            problems.append(Problem(path, f"the statement has no `{one}`", f"add `{one}`"))


def _unknown(body: dict[str, Any], known: frozenset[str], path: Path, problems: list[Problem]) -> None:
    for name in body.keys() - known:
        alike = next((good for good in known if good.lower() == name.lower().removesuffix("s")), None)
        remedy = f"write `{alike}`" if alike else "remove it"
        problems.append(Problem((*path, name), f"`{name}` is no element of the policy language", remedy))


def _text(body: dict[str, Any], name: str, path: Path, problems: list[Problem]) -> str | None:
    if name not in body:
        return None
    value = body[name]
    if not _is_text(value):
        problems.append(Problem((*path, name), f"`{name}` is a string, not {_name(value)}", value=value))
        return None
    return str(value)


def _strings(body: dict[str, Any], name: str, path: Path, problems: list[Problem]) -> tuple[str, ...] | None:
    if name not in body:
        return None
    return _string_list(body[name], name, (*path, name), problems)


def _string_list(value: object, name: str, path: Path, problems: list[Problem]) -> tuple[str, ...]:
    if _is_text(value):
        return (str(value),)
    if not isinstance(value, list):
        message = f"`{name}` is a string or a list of strings, not {_name(value)}"
        problems.append(Problem(path, message, value=value))
        return ()
    for index, item in enumerate(value):
        if not _is_text(item):
            problems.append(Problem((*path, index), f"`{name}` lists strings, not {_name(item)}", value=item))
    return tuple(item for item in value if _is_text(item))


def _principals(body: dict[str, Any], name: str, path: Path, problems: list[Problem]) -> tuple[Principal, ...] | None:
    if name not in body:
        return None
    value = body[name]
    at = (*path, name)
    if isinstance(value, str) and value == "*":
        return (Principal("AWS", "*"),)
    if not isinstance(value, dict):
        problems.append(
            Problem(at, f'`{name}` is "*" or an object such as {{"AWS": [...]}}, not {_quoted(value)}', value=value)
        )
        return ()
    found: list[Principal] = []
    for kind, values in value.items():
        if kind not in PRINCIPAL_TYPES:
            remedy = f"write one of {', '.join(f'`{known}`' for known in PRINCIPAL_TYPES)}"
            problems.append(Problem((*at, kind), f"`{kind}` is no type of principal", remedy))
        found += [Principal(kind, item) for item in _string_list(values, kind, (*at, kind), problems)]
    return tuple(found)


def _conditions(body: dict[str, Any], path: Path, problems: list[Problem]) -> tuple[Condition, ...]:
    if "Condition" not in body:
        return ()
    block = body["Condition"]
    at = (*path, "Condition")
    if not isinstance(block, dict):
        problems.append(Problem(at, f"`Condition` is an object, not {_name(block)}", value=block))
        return ()
    found: list[Condition] = []
    for operator, keys in block.items():
        if not isinstance(keys, dict):
            message = f"`{operator}` holds an object of condition keys, not {_name(keys)}"
            problems.append(Problem((*at, operator), message, value=keys))
            continue
        spelled: dict[str, str] = {}
        for key, values in keys.items():
            here = (*at, operator, key)
            other = spelled.setdefault(key.lower(), key)
            if other != key:
                message = f"`{key}` and `{other}` are the same condition key, twice under `{operator}`"
                problems.append(Problem(here, message, "join their values under one name"))
            found.append(Condition(operator, key, _condition_values(values, key, here, problems)))
    return tuple(found)


def _condition_values(value: object, key: str, path: Path, problems: list[Problem]) -> tuple[str, ...]:
    if isinstance(value, list):
        found = []
        for index, item in enumerate(value):
            text = condition_text(item)
            if text is None:
                message = f"a value of `{key}` is a string, number or boolean, not {_name(item)}"
                problems.append(Problem((*path, index), message, value=item))
            else:
                found.append(text)
        return tuple(found)
    text = condition_text(value)
    if text is None:
        message = f"`{key}` has a string, number or boolean, or a list of them, not {_name(value)}"
        problems.append(Problem(path, message, value=value))
        return ()
    return (text,)


def condition_text(value: object) -> str | None:
    """A condition value as AWS compares it: booleans and numbers in their string form, None for anything else."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return json.dumps(value)
    return None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, NumberText)


def _quoted(value: object) -> str:
    return f"`{value}`" if _is_text(value) else _name(value)


def _name(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"the boolean `{'true' if value else 'false'}`"
    if isinstance(value, NumberText | int | float):
        return f"the number `{value}`"
    if isinstance(value, str):
        return f"the string `{value}`"
    return "a list" if isinstance(value, list) else "an object"


__all__ = [
    "PRINCIPAL_TYPES",
    "VERSIONS",
    "NumberText",
    "ParsedPolicy",
    "PolicyKind",
    "condition_text",
    "decode_json",
    "parse_identity_policy",
    "parse_policy",
    "parse_policy_value",
    "place",
    "with_any_resource",
]
