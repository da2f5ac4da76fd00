"""What a check is: an id, a severity, a page of explanation with examples, and a look at a policy."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.policy.json_positions import Path
    from keywright._internal.proof.findings.finding import Confidence, Persona, Severity
    from keywright._internal.proof.findings.subject import PolicyView, StatementView


@dataclass(frozen=True, slots=True)
class Hit:
    """A place where a check fires. What is None is as the check says in general."""

    path: Path
    message: str
    statement: StatementView | None = None
    remedy: str | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None
    persona: Persona | None = None


EXAMPLE_ROOT = """{"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
 "Action": "kms:*", "Resource": "*"}"""
"""The statement that an example of one statement stands beside."""


def example_policy(example: str) -> str:
    """The JSON of a whole policy around an example of a check."""
    if '"Statement"' in example:
        return example
    return f'{{"Version": "2012-10-17", "Statement": [{EXAMPLE_ROOT},\n{example}]}}'


GROUPS: Final = {
    "1": "Principals",
    "2": "Actions",
    "3": "Statements",
    "4": "Conditions",
    "5": "AWS services",
    "6": "The policy as a whole",
}
"""What findings are about, by the first digit of their ids."""


class Check(ABC):
    """One fault that key policies have.

    `bad` and `good` are the JSON of one statement, which stands beside the account's own (`EXAMPLE_ROOT`), or
    of a whole policy. The bad one has this fault and no other; the good one is the same, mended.
    """

    id: ClassVar[str]
    name: ClassVar[str]
    title: ClassVar[str]
    severity: ClassVar[Severity]
    confidence: ClassVar[Confidence] = "high"
    persona: ClassVar[Persona] = "regular"
    why: ClassVar[str]
    remedy: ClassVar[str]
    source_url: ClassVar[str]
    bad: ClassVar[str]
    good: ClassVar[str]

    @property
    def group(self) -> str:
        """What the finding is about."""
        return GROUPS[self.id[2]]

    @abstractmethod
    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every place in the policy where the fault is."""
