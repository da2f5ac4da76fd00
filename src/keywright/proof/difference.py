"""What access one policy gives that another doesn't: who gains and loses what, each with a request that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keywright.policy.document import PolicyDocument
    from keywright.proof.claims import Witness


@dataclass(frozen=True, slots=True)
class AccessChange:
    """Access that one of two policies gives and the other doesn't."""

    sentence: str
    """Who, what and under which circumstances, in English, without a stop."""
    witness: Witness
    """A request that the policy which gives it allows, and the other doesn't."""

    def as_document(self) -> dict[str, Any]:
        """The change as `--json` shows it."""
        return {"sentence": self.sentence, "witness": self.witness.as_document()}


@dataclass(frozen=True, slots=True)
class AccessDifference:
    """How the access that two policies give differs."""

    equivalent: bool | None
    """None where it isn't decided; then `reason` says why."""
    gained: tuple[AccessChange, ...] = ()
    lost: tuple[AccessChange, ...] = ()
    reason: str = ""

    def as_document(self) -> dict[str, Any]:
        """The difference as `--json` shows it."""
        return {
            "equivalent": self.equivalent,
            "reason": self.reason,
            "gained": [change.as_document() for change in self.gained],
            "lost": [change.as_document() for change in self.lost],
        }


def access_difference(
    old: PolicyDocument,
    new: PolicyDocument,
    *,
    account: str,
    partition: str = "aws",
    region: str | None = None,
) -> AccessDifference:
    """What the new policy gives that the old didn't, and takes away.

    Args:
        old: the policy as it is.
        new: the policy as it would be.
        account: the key's.
        partition: the key's.
        region: the key's, where known.
    """
    raise NotImplementedError
