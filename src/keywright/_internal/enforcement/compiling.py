"""Policies of the sandbox, compiled once for each text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Final

from keywright._internal.policy.parsing import PolicyKind, with_any_resource
from keywright._internal.proof.evaluation.compiled_policy import CompiledPolicy
from keywright._internal.proof.evaluation.evaluator import compile_policy

NOTHING_ALLOWED: Final = '{"Version": "2012-10-17", "Statement": []}'

EVERYTHING_ALLOWED: Final = (
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
)
"""What the root user may do as far as its own account is concerned; a key's policy and SCPs still decide."""


@lru_cache(maxsize=4096)
def compiled(text: str, kind: PolicyKind, name: str) -> CompiledPolicy:
    """A policy as the evaluator takes it.

    Args:
        text: its JSON.
        kind: whether its statements name principals.
        name: what errors call it.

    Raises:
        InputError: for what isn't understood to the letter.
    """
    return compile_policy(text, kind, name)


@lru_cache(maxsize=4096)
def compiled_trust(text: str) -> CompiledPolicy:
    """A role's trust policy; one without statements lets nobody in.

    Raises:
        InputError: as of `compiled`.
    """
    document = with_any_resource({"Statement": [], **json.loads(text)})
    return compile_policy(json.dumps(document), "resource", "trust policy")


def joined(texts: Iterable[str]) -> str | None:
    """Several session policies as one, since a session may do what any of them allows; None where there is none."""
    documents = [json.loads(text) for text in texts]
    if len(documents) <= 1:
        return json.dumps(documents[0]) if documents else None
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [item for each in documents for item in _statements(each)]}
    )


def _statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    statements = document.get("Statement", [])
    return statements if isinstance(statements, list) else [statements]
