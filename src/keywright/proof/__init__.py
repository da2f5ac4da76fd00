"""What a key policy allows: evaluation with a trace, claims, differences, findings and explanations.

Names are loaded when they are first used: the list of KMS actions behind them needn't cost a command that
proves nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keywright.proof.decision import Decision, Mismatch, Outcome, StatementTrace
    from keywright.proof.evaluation import evaluate
    from keywright.proof.grants import Grant
    from keywright.proof.request import Caller, Request

_HOMES = {
    "Caller": "request",
    "Decision": "decision",
    "Grant": "grants",
    "Mismatch": "decision",
    "Outcome": "decision",
    "Request": "request",
    "StatementTrace": "decision",
    "evaluate": "evaluation",
}

__all__ = ["Caller", "Decision", "Grant", "Mismatch", "Outcome", "Request", "StatementTrace", "evaluate"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
