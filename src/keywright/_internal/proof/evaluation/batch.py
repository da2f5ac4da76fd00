"""Deciding many cases, one JSON document a line: strictly read, answered in order, in constant memory.

A case that isn't understood to the letter is answered with an error, never with a guess.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from json.decoder import scanstring  # type: ignore[attr-defined]  # public in CPython, missing from the stubs
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.policy.parsing import decode_json
from keywright._internal.proof.evaluation.evaluator import compile_policy, decide
from keywright._internal.proof.evaluation.grants import Grant
from keywright._internal.proof.evaluation.layers import Layers, is_on_key
from keywright._internal.proof.evaluation.request import Request
from keywright.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright._internal.proof.evaluation.compiled_policy import CompiledPolicy

REMARKS: Final = frozenset({"name", "description", "comment", "expected", "source"})
"""Members of a case that are for its readers, and don't count."""

_LISTS: Final = ("identity_policies", "service_control_policies", "resource_control_policies", "grants")
_SINGLES: Final = ("policy", "permissions_boundary", "session_policy", "endpoint_policy")
MEMBERS: Final = frozenset({"id", "request", *_LISTS, *_SINGLES})
"""Members of a case that count."""

_NAMES_PRINCIPALS: Final = frozenset({"policy", "resource_control_policies", "endpoint_policy"})
_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = json.JSONDecoder()
_NULL: Final = "null"


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What one line of a batch is answered with."""

    id: Any
    """As the case gave it, whatever JSON it is; None where it can't be read."""
    decision: str | None = None
    statements: tuple[str, ...] = ()
    error: str | None = None

    def as_document(self) -> dict[str, Any]:
        """The answer's JSON."""
        if self.error is not None:
            return {"id": self.id, "error": self.error}
        return {"id": self.id, "decision": self.decision, "statements": list(self.statements)}


def answer_all(lines: Iterable[str]) -> Iterator[CaseResult]:
    """One answer for each line, in order; blank lines are passed over."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _answer(line.strip(), number)


def _answer(line: str, number: int) -> CaseResult:
    identifier: Any = None
    try:
        members = _members(line)
        if "id" in members:
            identifier = json.loads(members["id"])
        return _decide(identifier, members)
    except InputError as error:
        return CaseResult(identifier, error=f"line {number}: {error}")


def _decide(identifier: object, members: dict[str, str]) -> CaseResult:
    if problems := [Problem((name,), f"`{name}` is no part of a case") for name in members.keys() - MEMBERS - REMARKS]:
        raise InputError("; ".join(problem.message for problem in problems), "remove it", tuple(problems))
    if "id" not in members:
        raise InputError("a case has an `id`, and this one has none", "add it")
    if "request" not in members:
        raise InputError("a case has a `request`, and this one has none", "add it")
    request = Request.from_document(decode_json(members["request"], file="request"))
    if is_on_key(request) and members.get("policy", _NULL) == _NULL:
        raise InputError("a case has a `policy`, and this one has none", "give the key's policy")
    layers = Layers(
        _single(members, "policy"),
        _several(members, "identity_policies"),
        _levels(members),
        _several(members, "resource_control_policies"),
        _single(members, "permissions_boundary"),
        _single(members, "session_policy"),
        _single(members, "endpoint_policy"),
    )
    decision = decide(layers, request, _grants(members.get("grants", _NULL)))
    if decision.undecided is not None:
        raise InputError(f"not decided: {decision.undecided}")
    return CaseResult(identifier, decision.outcome.value, decision.statements)


def _single(members: dict[str, str], name: str) -> CompiledPolicy | None:
    text = members.get(name, _NULL)
    return None if text == _NULL else _compiled(text, name)


def _several(members: dict[str, str], name: str) -> tuple[CompiledPolicy, ...]:
    text = members.get(name, _NULL)
    if text in {_NULL, "[]"}:
        return ()
    if text.startswith("{") and text != "{}":
        return (_compiled(text, name),)
    return tuple(_compiled(element, name) for element in _elements(text, name))


def _levels(members: dict[str, str]) -> tuple[tuple[CompiledPolicy, ...], ...]:
    """Service control policies by level: a list in the list is a level, and those beside lists are one together."""
    name = "service_control_policies"
    text = members.get(name, _NULL)
    if not text.startswith("[") or text == "[]":
        alone = _several(members, name)
        return (alone,) if alone else ()
    elements = _elements(text, name)
    levels = [tuple(_compiled(item, name) for item in _elements(level, name)) for level in elements if level[0] == "["]
    alone = tuple(_compiled(item, name) for item in elements if item[0] != "[")
    return (alone, *levels) if alone else tuple(levels)


@lru_cache(maxsize=2048)
def _compiled(text: str, name: str) -> CompiledPolicy:
    """A policy by its own JSON text, read once: an object, a string that holds one, or `{"name", "policy"}`."""
    if text.startswith("{") and (members := _members(text)).keys() <= {"name", "policy"} and "policy" in members:
        text = members["policy"]
    if text.startswith('"'):
        text = json.loads(text)
    return compile_policy(text, "resource" if name in _NAMES_PRINCIPALS else "identity", name)


@lru_cache(maxsize=2048)
def _grants(text: str) -> tuple[Grant, ...]:
    if text == _NULL:
        return ()
    return tuple(Grant.from_document(decode_json(element, file="grants")) for element in _elements(text, "grants"))


# --- The text of a case's parts, so that a policy met before isn't read again --------------------------------


def _members(line: str) -> dict[str, str]:
    """The JSON text of each member of an object.

    Raises:
        InputError: for a line that is no JSON object, or names a member twice.
    """
    found: dict[str, str] = {}
    try:
        if line[0] != "{":
            json.loads(line)
            raise InputError("a case is a JSON object", "write one case a line")
        at = _space(line, 1)
        while line[at] != "}":
            if found:
                at = _space(line, _expect(line, at, ","))
            name, at = scanstring(line, _expect(line, at, '"'))
            if name in found:
                raise InputError(f"`{name}` stands more than once in the case", "keep one of them")
            start = _space(line, _expect(line, _space(line, at), ":"))
            end = _DECODER.raw_decode(line, start)[1]
            found[name] = line[start:end]
            at = _space(line, end)
        if _space(line, at + 1) != len(line):
            raise InputError("not JSON: something follows the case", "write one case a line")
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON: {error.msg[0].lower()}{error.msg[1:]} at column {error.colno}") from error
    except (IndexError, RecursionError, ValueError) as error:
        raise InputError("not JSON that can be a case", "write one case a line") from error
    return found


def _elements(text: str, name: str) -> list[str]:
    """The JSON text of each element of a list that is known to be JSON.

    Raises:
        InputError: for what is no list.
    """
    if not text.startswith("["):
        raise InputError(f"`{name}` is a list", "put it in brackets")
    found: list[str] = []
    at = _space(text, 1)
    while text[at] != "]":
        end = _DECODER.raw_decode(text, at)[1]
        found.append(text[at:end])
        at = _space(text, end)
        at = _space(text, at + 1) if text[at] == "," else at
    return found


def _space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _expect(text: str, at: int, char: str) -> int:
    if text[at] != char:
        message = f"Expecting {char!r}"
        raise json.JSONDecodeError(message, text, at)
    return at + 1
