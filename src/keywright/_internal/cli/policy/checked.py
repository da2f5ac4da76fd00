"""What `keywright policy check` was told of policies, and what it found out about each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from keywright._internal.proof.examination import Examination


@dataclass(frozen=True, slots=True)
class Checked:
    """One policy's examination, the file it stands in and that file's lines."""

    file: str
    examination: Examination
    line_of: Callable[[int], str | None]
    assumptions: tuple[str, ...] = ()
    """What it rests on beside the file, as a template's account and its parameters' defaults."""


@dataclass(frozen=True, slots=True)
class BarePolicy:
    """What the command says of policies that stand in no keys file."""

    account: str | None
    region: str | None
    trusted_accounts: Sequence[str]
    trusted_organisations: Sequence[str]
    claims: Sequence[str]
    caller: str | None
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What a template's parameters are, in place of their defaults."""

    @property
    def says_more_than_the_account(self) -> bool:
        """Whether something is said that a keys file says itself."""
        return any((self.region, self.trusted_accounts, self.trusted_organisations, self.claims, self.caller))
