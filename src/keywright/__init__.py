"""Customer-managed AWS KMS keys, declared in one file, with key policies you can prove.

The names below are the library's public face. They are loaded when they are first used, so that a command which
needs none of them does not pay for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keywright.errors import InputError, KeywrightError, Problem
    from keywright.model.key import Key, KeySetting, ReplicaRegion
    from keywright.model.pattern_use import PatternUse
    from keywright.model.stack import Stack, load_stack
    from keywright.policy.document import PolicyDocument, as_json
    from keywright.policy.generation import key_policy, replica_policy
    from keywright.policy.parsing import parse_policy
    from keywright.proof.evaluation import evaluate
    from keywright.proof.request import Request

_HOMES = {
    "InputError": "errors",
    "Key": "model.key",
    "KeySetting": "model.key",
    "KeywrightError": "errors",
    "PatternUse": "model.pattern_use",
    "PolicyDocument": "policy.document",
    "Problem": "errors",
    "ReplicaRegion": "model.key",
    "Request": "proof.request",
    "Stack": "model.stack",
    "as_json": "policy.document",
    "evaluate": "proof.evaluation",
    "key_policy": "policy.generation",
    "load_stack": "model.stack",
    "parse_policy": "policy.parsing",
    "replica_policy": "policy.generation",
}

__all__ = [
    "InputError",
    "Key",
    "KeySetting",
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
