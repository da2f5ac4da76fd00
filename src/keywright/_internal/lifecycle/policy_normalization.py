"""A policy's statements in one form: AWS reorders them, shortens lists and rewrites account principals."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache

from keywright._internal.policy.document import PolicyDocument, Principal, Statement, as_json
from keywright._internal.policy.parsing import parse_policy
from keywright.errors import InputError


def same_statements(one: str, other: str) -> bool:
    """Whether two policies are the same but for what AWS rewrites."""
    return one == other or canonical_statements(one) == canonical_statements(other)


@lru_cache(maxsize=4096)
def canonical_statements(text: str) -> Counter[str]:
    """Each statement as canonical text, and the policy's Id. A text that is no policy stands for itself."""
    try:
        document = parse_policy(text).document
    except InputError:
        return Counter((text,))
    named = [f"Id: {document.id}"] if document.id is not None else []
    statements = (as_json(PolicyDocument((_plain(item),), version=document.version)) for item in document.statements)
    return Counter((*named, *statements))


def _plain(statement: Statement) -> Statement:
    if statement.principals is None:
        return statement
    return replace(statement, principals=tuple(_principal(item) for item in statement.principals))


def _principal(principal: Principal) -> Principal:
    match = re.fullmatch(r"arn:[a-z-]+:iam::(\d{12}):root", principal.value)
    return Principal(principal.type, match[1]) if match and principal.type == "AWS" else principal
