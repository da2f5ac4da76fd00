"""A policy in any form that callers of the library hold it in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keywright._internal.policy.document import PolicyDocument
from keywright._internal.policy.parsing import (
    ParsedPolicy,
    PolicyKind,
    parse_identity_policy,
    parse_policy,
    parse_policy_value,
)

PolicySource = str | Mapping[str, Any] | ParsedPolicy | PolicyDocument
"""A policy as JSON text, as that text decoded, or read already."""


def read_policy(source: PolicySource, *, kind: PolicyKind = "resource", file: str = "policy") -> PolicyDocument:
    """The policy's statements.

    Args:
        source: the policy.
        kind: whether its statements name principals.
        file: what errors call the policy.

    Raises:
        InputError: with all problems of the policy.
    """
    if isinstance(source, PolicyDocument):
        return source
    if isinstance(source, ParsedPolicy):
        return source.document
    if isinstance(source, str):
        parse = parse_policy if kind == "resource" else parse_identity_policy
        return parse(source, file=file).document
    return parse_policy_value(source, kind=kind)
