"""Waves: in which order accounts are worked on, and how many are risked before the first is known to be well."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from keywright._internal.fleet.account_work import AccountTask
from keywright.errors import UsageError

_SIZE: Final = re.compile(r"([1-9][0-9]*)(%?)")
_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class WaveSize:
    """How many accounts a wave has: a number, or a share of all of them in percent."""

    number: int
    percent: bool = False

    @classmethod
    def parse(cls, text: str) -> WaveSize:
        """What a person wrote: `25` or `10%`.

        Raises:
            UsageError: it is neither.
        """
        found = _SIZE.fullmatch(text)
        if found is None or (found[2] and int(found[1]) > _WHOLE):
            raise UsageError(f"`{text}` is not the size of a wave", "write a number of accounts, or for example 10%")
        return cls(int(found[1]), bool(found[2]))

    def of(self, accounts: int) -> int:
        """The accounts of a wave, one at least."""
        return max(1, accounts * self.number // _WHOLE) if self.percent else self.number


def waves(
    tasks: Sequence[AccountTask], size: WaveSize | None, canaries: Collection[str] = ()
) -> tuple[tuple[AccountTask, ...], ...]:
    """The tasks in waves: the canaries first, then the others in their order.

    Args:
        tasks: all of them.
        size: of each wave; None: all in one.
        canaries: accounts that are a wave of their own.

    Raises:
        UsageError: a canary is no account of the tasks.
    """
    known = {task.deployment.account for task in tasks}
    for account in canaries:
        if account not in known:
            raise UsageError(f"the canary {account} is no account of the targets", "name one that is")
    first = tuple(task for task in tasks if task.deployment.account in canaries)
    rest = tuple(task for task in tasks if task.deployment.account not in canaries)
    each = size.of(len(rest)) if size is not None else max(1, len(rest))
    return tuple(wave for wave in (first, *(rest[n : n + each] for n in range(0, len(rest), each))) if wave)
