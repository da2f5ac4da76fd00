"""What a key policy is: statements over principals, actions and conditions, and its one canonical text.

These types hold a policy as it was written: nothing is dropped, expanded or resolved here. Reading one from
JSON is `policy.parsing`; deciding what one allows is the `proof` package.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Effect = Literal["Allow", "Deny"]

VERSION = "2012-10-17"
"""The policy language's current version; the only one Keywright writes."""

MAX_POLICY_BYTES = 32_768
"""KMS's quota for a key policy document.

https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
"""


_ESCAPED = re.compile("[&<>\u2028\u2029]")
"""Characters of strings that Terraform's `jsonencode` escapes; so do we, and both give the same bytes."""


@dataclass(frozen=True, slots=True)
class Principal:
    """One entry of a Principal element: its type (`AWS`, `Service`, …) and value.

    The bare `"Principal": "*"` is held as `Principal("AWS", "*")`, which AWS documents to mean the same.
    """

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator applied to one condition key; `values` are alternatives."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. An element that is absent is None, which KMS treats differently from an empty one.

    Exactly one of `principals` and `not_principals` is set in a policy that KMS accepts; the same holds for
    actions. A statement whose resources are absent has no effect at all.
    """

    effect: Effect
    principals: tuple[Principal, ...] | None = None
    actions: tuple[str, ...] | None = None
    resources: tuple[str, ...] | None = ("*",)
    conditions: tuple[Condition, ...] = ()
    sid: str | None = None
    not_principals: tuple[Principal, ...] | None = None
    not_actions: tuple[str, ...] | None = None
    not_resources: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A whole policy: a version (None where absent) and its statements in the order they were written."""

    statements: tuple[Statement, ...]
    version: str | None = VERSION
    id: str | None = field(default=None)


def as_json(document: PolicyDocument, *, indent: int | None = None) -> str:
    """The canonical text: the same document gives the same bytes on each run and machine.

    Keys and lists are sorted, duplicates dropped, and lists stay lists when they hold one value. The order of
    statements is kept: it carries no meaning, but a reader finds his way by it.
    """
    body: dict[str, Any] = {"Statement": [_statement(item) for item in document.statements]}
    if document.version is not None:
        body["Version"] = document.version
    if document.id is not None:
        body["Id"] = document.id
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(body, sort_keys=True, indent=indent, separators=separators, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def size_in_bytes(document: PolicyDocument) -> int:
    """How much of KMS's quota of 32,768 bytes the policy takes, as Keywright sends it."""
    return len(as_json(document).encode())


def _statement(statement: Statement) -> dict[str, Any]:
    body: dict[str, Any] = {"Effect": statement.effect}
    if statement.sid is not None:
        body["Sid"] = statement.sid
    for name, principals in (
        ("Principal", statement.principals),
        ("NotPrincipal", statement.not_principals),
    ):
        if principals is not None:
            body[name] = _principals(principals)
    for name, values in (
        ("Action", statement.actions),
        ("NotAction", statement.not_actions),
    ):
        if values is not None:
            body[name] = _unique(values)
    for name, values in (
        ("Resource", statement.resources),
        ("NotResource", statement.not_resources),
    ):
        if values is not None:
            body[name] = values[0] if len(values) == 1 else _unique(values)
    if statement.conditions:
        body["Condition"] = _conditions(statement.conditions)
    return body


def _principals(principals: Iterable[Principal]) -> dict[str, list[str]]:
    by_type: dict[str, list[str]] = {}
    for principal in principals:
        by_type.setdefault(principal.type, []).append(principal.value)
    return {kind: _unique(values) for kind, values in by_type.items()}


def _conditions(conditions: Iterable[Condition]) -> Mapping[str, dict[str, list[str]]]:
    block: dict[str, dict[str, list[str]]] = {}
    for condition in conditions:
        block.setdefault(condition.operator, {}).setdefault(condition.key, []).extend(condition.values)
    return {operator: {key: _unique(values) for key, values in keys.items()} for operator, keys in block.items()}


def _unique(values: Iterable[str]) -> list[str]:
    return sorted(set(values))
