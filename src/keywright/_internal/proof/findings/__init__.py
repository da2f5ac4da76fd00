"""Findings: faults of key policies that can be seen without asking who may do what.

`find` is loaded when it is first called: the prover needs the facts about condition keys from here, and not the
checks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keywright._internal.proof.findings.finding import Finding
    from keywright._internal.proof.findings.search import find

__all__ = ["Finding", "find"]


def __getattr__(name: str) -> Any:
    if name == "find":
        from keywright._internal.proof.findings.search import find  # noqa: PLC0415 - loaded when first needed

        return find
    if name == "Finding":
        from keywright._internal.proof.findings.finding import Finding  # noqa: PLC0415 - loaded when first needed

        return Finding
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
