"""How many accounts: a number of them, or a share of all in percent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from keywright.errors import UsageError

_WRITTEN: Final = re.compile(r"([0-9]{1,6})(%?)")
_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class AccountShare:
    """A number of accounts, or a share of all of them in percent."""

    number: int
    percent: bool = False

    @classmethod
    def parse(cls, text: str, what: str, *, least: int = 1) -> AccountShare:
        """What a person wrote: `25` or `10%`.

        Args:
            text: the text.
            what: what it says, for the error.
            least: the smallest number that makes sense.

        Raises:
            UsageError: it is neither.
        """
        found = _WRITTEN.fullmatch(text)
        if found is None or int(found[1]) < least or (found[2] and int(found[1]) > _WHOLE):
            raise UsageError(f"`{text}` is not {what}", f"write a number of accounts from {least}, or for example 10%")
        return cls(int(found[1]), bool(found[2]))

    def of(self, accounts: int) -> int:
        """So many of these accounts, one at least."""
        return max(1, accounts * self.number // _WHOLE) if self.percent else self.number
