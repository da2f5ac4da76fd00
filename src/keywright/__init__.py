"""Customer-managed AWS KMS keys, declared in one file, with key policies you can prove.

The names below are the library's public face. They are loaded when they are first used, so that a command which
needs none of them does not pay for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keywright._internal.keysfile.stack import load_stack
    from keywright._internal.model.key import Key
    from keywright._internal.model.key_fields import ReplicaRegion
    from keywright._internal.model.key_location import KeyLocation
    from keywright._internal.model.pattern_use import PatternUse
    from keywright._internal.model.stack import Stack
    from keywright._internal.policy.document import PolicyDocument, as_json
    from keywright._internal.policy.generation import key_policy, replica_policy
    from keywright._internal.policy.parsing import parse_policy
    from keywright._internal.proof.evaluation.evaluator import evaluate
    from keywright._internal.proof.evaluation.request import Request
    from keywright.errors import InputError, KeywrightError, Problem

_HOMES = {
    "InputError": "errors",
    "Key": "_internal.model.key",
    "KeyLocation": "_internal.model.key_location",
    "KeywrightError": "errors",
    "PatternUse": "_internal.model.pattern_use",
    "PolicyDocument": "_internal.policy.document",
    "Problem": "errors",
    "ReplicaRegion": "_internal.model.key_fields",
    "Request": "_internal.proof.evaluation.request",
    "Stack": "_internal.model.stack",
    "as_json": "_internal.policy.document",
    "evaluate": "_internal.proof.evaluation.evaluator",
    "key_policy": "_internal.policy.generation",
    "load_stack": "_internal.keysfile.stack",
    "parse_policy": "_internal.policy.parsing",
    "replica_policy": "_internal.policy.generation",
}

__all__ = [
    "InputError",
    "Key",
    "KeyLocation",
    "KeywrightError",
    "PatternUse",
    "PolicyDocument",
    "Problem",
    "ReplicaRegion",
    "Request",
    "Stack",
    "as_json",
    "evaluate",
    "key_policy",
    "load_stack",
    "parse_policy",
    "replica_policy",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
