"""Customer-managed AWS KMS keys, declared in one file, with key policies you can prove.

The names below are the library's public face; `docs/python.md` teaches them. They are loaded when they are first used,
so that a command which needs none of them does not pay for them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keywright._internal.library.declarations import Key, Stack, load, render
    from keywright._internal.library.operations import StackPlan, apply, destroy, plan, restore, verify
    from keywright._internal.library.proofs import check, check_policy, diff, explain, prove
    from keywright._internal.lifecycle.reporting import KeyOutcome
    from keywright._internal.lifecycle.steps import KeyPlan, Step
    from keywright._internal.lifecycle.verification import Verified
    from keywright._internal.model.grant import Grant
    from keywright._internal.model.key_fields import ReplicaRegion
    from keywright._internal.model.key_location import KeyLocation
    from keywright._internal.model.pattern_use import PatternUse
    from keywright._internal.model.policy_statement import PolicyStatement
    from keywright._internal.policy.document import PolicyDocument, as_json
    from keywright._internal.policy.generation import key_policy, replica_policy
    from keywright._internal.policy.parsing import ParsedPolicy, parse_policy
    from keywright._internal.proof.claims.result import ClaimResult, Verdict, Witness
    from keywright._internal.proof.difference.access_difference import AccessChange, AccessDifference
    from keywright._internal.proof.difference.access_table import AccessLine
    from keywright._internal.proof.difference.explanation import Explanation
    from keywright._internal.proof.evaluation.decision import Decision, Outcome
    from keywright._internal.proof.evaluation.evaluator import evaluate
    from keywright._internal.proof.evaluation.request import Request
    from keywright._internal.proof.examination import Examination
    from keywright._internal.proof.findings.finding import Finding
    from keywright.errors import InputError, KeywrightError, Location, Problem

_HOMES = {
    "AccessChange": "_internal.proof.difference.access_difference",
    "AccessDifference": "_internal.proof.difference.access_difference",
    "AccessLine": "_internal.proof.difference.access_table",
    "ClaimResult": "_internal.proof.claims.result",
    "Decision": "_internal.proof.evaluation.decision",
    "Examination": "_internal.proof.examination",
    "Explanation": "_internal.proof.difference.explanation",
    "Finding": "_internal.proof.findings.finding",
    "Grant": "_internal.model.grant",
    "InputError": "errors",
    "Key": "_internal.library.declarations",
    "KeyLocation": "_internal.model.key_location",
    "KeyOutcome": "_internal.lifecycle.reporting",
    "KeyPlan": "_internal.lifecycle.steps",
    "KeywrightError": "errors",
    "Location": "errors",
    "Outcome": "_internal.proof.evaluation.decision",
    "ParsedPolicy": "_internal.policy.parsing",
    "PatternUse": "_internal.model.pattern_use",
    "PolicyDocument": "_internal.policy.document",
    "PolicyStatement": "_internal.model.policy_statement",
    "Problem": "errors",
    "ReplicaRegion": "_internal.model.key_fields",
    "Request": "_internal.proof.evaluation.request",
    "Stack": "_internal.library.declarations",
    "StackPlan": "_internal.library.operations",
    "Step": "_internal.lifecycle.steps",
    "Verdict": "_internal.proof.claims.result",
    "Verified": "_internal.lifecycle.verification",
    "Witness": "_internal.proof.claims.result",
    "apply": "_internal.library.operations",
    "as_json": "_internal.policy.document",
    "check": "_internal.library.proofs",
    "check_policy": "_internal.library.proofs",
    "destroy": "_internal.library.operations",
    "diff": "_internal.library.proofs",
    "evaluate": "_internal.proof.evaluation.evaluator",
    "explain": "_internal.library.proofs",
    "key_policy": "_internal.policy.generation",
    "load": "_internal.library.declarations",
    "parse_policy": "_internal.policy.parsing",
    "plan": "_internal.library.operations",
    "prove": "_internal.library.proofs",
    "render": "_internal.library.declarations",
    "replica_policy": "_internal.policy.generation",
    "restore": "_internal.library.operations",
    "verify": "_internal.library.operations",
}

__all__ = [
    "AccessChange",
    "AccessDifference",
    "AccessLine",
    "ClaimResult",
    "Decision",
    "Examination",
    "Explanation",
    "Finding",
    "Grant",
    "InputError",
    "Key",
    "KeyLocation",
    "KeyOutcome",
    "KeyPlan",
    "KeywrightError",
    "Location",
    "Outcome",
    "ParsedPolicy",
    "PatternUse",
    "PolicyDocument",
    "PolicyStatement",
    "Problem",
    "ReplicaRegion",
    "Request",
    "Stack",
    "StackPlan",
    "Step",
    "Verdict",
    "Verified",
    "Witness",
    "apply",
    "as_json",
    "check",
    "check_policy",
    "destroy",
    "diff",
    "evaluate",
    "explain",
    "key_policy",
    "load",
    "parse_policy",
    "plan",
    "prove",
    "render",
    "replica_policy",
    "restore",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
