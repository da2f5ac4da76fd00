"""What an evaluation answers: the outcome, the way it was reached, and what every statement said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from keywright._internal.policy.document import Condition, Effect
    from keywright._internal.proof.evaluation.matching import Level

KEY_POLICY = "key policy"

PolicyLayer = Literal[
    "service control policy",
    "resource control policy",
    "endpoint policy",
    "identity policy",
    "permissions boundary",
    "session policy",
    "key policy",
]
"""A kind of policy that has a say in a request, in the order in which AWS's messages name the first that refuses."""

Path = Literal["direct", "delegated", "grant", "identity"]
"""How access was allowed: by the key policy itself, by the account's delegation to identity policies, by a
grant, or by identity policies alone (requests on no key)."""


class Outcome(StrEnum):
    """The three answers of IAM."""

    ALLOWED = "Allowed"
    IMPLICITLY_DENIED = "ImplicitlyDenied"
    EXPLICITLY_DENIED = "ExplicitlyDenied"


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Why one element, or one condition, of a statement doesn't match the request."""

    element: str
    """The element's name: `Principal`, `NotAction`, `Condition`, …"""
    message: str
    """One sentence for people, without a stop."""
    wanted: tuple[str, ...] = ()
    """What the policy lists."""
    given: tuple[str, ...] = ()
    """What the request has; empty where it has nothing."""
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class StatementTrace:
    """What one statement had to say on the request."""

    policy: str
    """Which policy it stands in: `key policy`, `identity policy 1`, `permissions boundary`, …"""
    index: int
    sid: str | None
    effect: Effect
    matched: bool
    level: Level | None
    """By which form its principal matches; None where it doesn't, or names nobody."""
    mismatches: tuple[Mismatch, ...] = ()
    """Every reason why it doesn't match; empty exactly where it does."""
    decisive: bool = False
    """Whether the outcome rests on it."""

    @property
    def name(self) -> str:
        """The statement's Sid, or its place counted from 0."""
        return self.sid or f"statement[{self.index}]"


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of one request, with everything that led to it."""

    outcome: Outcome
    path: Path | None
    reason: str
    """One sentence for people, without a stop."""
    statements: tuple[str, ...]
    """The names of the key policy's statements that decided, in their order."""
    undecided: str | None
    """Why AWS's documentation leaves this outcome open; None in all but a few cases (section 11)."""
    _make_trace: Callable[[], tuple[StatementTrace, ...]] = field(repr=False, compare=False)
    refused_by: PolicyLayer | None = None
    """Which kind of policy denies, or has no Allow; None where the request is allowed."""

    @property
    def allowed(self) -> bool:
        """Whether the request goes through."""
        return self.outcome is Outcome.ALLOWED

    @property
    def trace(self) -> tuple[StatementTrace, ...]:
        """What every statement of every policy that was asked said, and why; made anew each time it is asked for."""
        return self._make_trace()
