"""What a claim about a policy is answered with: proved, refuted by a request that shows it, or not decided.

The claims themselves are in `built_in` and `claim_text`; those of a declared key
come from `declared`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from keywright._internal.facts.condition_keys import spelled
from keywright._internal.policy.document import as_json

if TYPE_CHECKING:
    from keywright._internal.policy.document import PolicyDocument
    from keywright._internal.proof.evaluation.decision import Decision
    from keywright._internal.proof.evaluation.request import Request


class Verdict(StrEnum):
    """The three answers; only PROVED is a pass."""

    PROVED = "PROVED"
    REFUTED = "REFUTED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Witness:
    """A request, and what the evaluator decided on it."""

    request: Request
    decision: Decision
    identity_policies: tuple[PolicyDocument, ...]
    """Those of the caller that the request was decided with: none, or one that allows everything."""
    sentence: str
    """Who does what, in English, without a stop."""

    def as_document(self) -> dict[str, Any]:
        """The case as `keywright policy simulate --batch` reads one, all but its policy."""
        import json  # noqa: PLC0415 - needed only where a result is written out

        return {
            "id": self.sentence,
            "request": request_document(self.request),
            "identity_policies": [json.loads(as_json(policy)) for policy in self.identity_policies],
            "expected": self.decision.outcome.value,
        }


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """One claim on one policy."""

    id: str
    """Stable, kebab-case: the built-in claim's name, or `claim-N` for a user's own, counted from 1."""
    claim: str
    """What is claimed, in English, without a stop."""
    verdict: Verdict
    reason: str
    """Why, in English, without a stop: who survives, what the witness does, what isn't known."""
    witness: Witness | None = None
    """A request that shows it: for REFUTED, and for PROVED where it says that somebody can do something."""
    assuming: str = ""
    """What a proved sentence assumes, in English, without a stop: what isn't in the key policy; empty for nothing."""
    waived: str = ""
    """Why the key's declaration goes on although the claim isn't proved; empty where it doesn't, and where it is."""

    @property
    def fails(self) -> bool:
        """Whether the policy must not be written."""
        return self.verdict is Verdict.REFUTED and not self.waived

    def as_document(self) -> dict[str, Any]:
        """The result as `--json` shows it."""
        return {
            "id": self.id,
            "sentence": self.claim,
            "verdict": self.verdict.value,
            "reason": self.reason,
            "assuming": self.assuming or None,
            "witness": self.witness.as_document() if self.witness else None,
            "waived": self.waived or None,
        }


def request_document(request: Request) -> dict[str, Any]:
    """A request in the form that `Request.from_document` reads."""
    document: dict[str, Any] = {
        "principal": request.caller.arn,
        "action": request.action,
        "resource": request.resource,
        "context": {
            spelled(key): values[0] if len(values) == 1 else list(values) for key, values in request.context.items()
        },
    }
    if request.caller.issuer is not None:
        document["issuer"] = request.caller.issuer
    return document
