"""Whether two policy texts are the same statements: AWS reorders them and shortens lists."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from keywright.policy.document import PolicyDocument, Principal, Statement, as_json
from keywright.policy.parsing import parse_policy


def same_policy(one: str, other: str) -> bool:
    """Whether only order, repetition and AWS's short forms tell them apart. Never true for another meaning."""
    return one == other or _statements(one) == _statements(other)


def _statements(text: str) -> Counter[str]:
    document = parse_policy(text).document
    return Counter(as_json(PolicyDocument((_plain(item),), version=document.version)) for item in document.statements)


def _plain(statement: Statement) -> Statement:
    if statement.principals is None:
        return statement
    return replace(statement, principals=tuple(_principal(item) for item in statement.principals))


def _principal(principal: Principal) -> Principal:
    match = re.fullmatch(r"arn:[a-z-]+:iam::(\d{12}):root", principal.value)
    return Principal(principal.type, match[1]) if match and principal.type == "AWS" else principal
