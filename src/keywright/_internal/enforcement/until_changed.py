"""Answers of the emulator, kept until something changes in the account that they are about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class UntilChanged(Generic[T]):
    """What was read, by account and by what was asked there."""

    _known: dict[str, dict[Hashable, T]] = field(default_factory=dict)
    _changes: int = 0

    async def get(self, account: str, asked: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """What was read before, or is read now.

        Args:
            account: whose answer it is.
            asked: names it there.
            read: asks the emulator.
        """
        known = self._known.setdefault(account, {})
        if asked in known:
            return known[asked]
        before = self._changes
        found = await read()
        if before == self._changes:  # else a call in between may have changed what was being read
            known[asked] = found
        return found

    def forget(self, account: str | None) -> None:
        """What was read of an account may be out of date; None: of every account."""
        self._changes += 1
        if account is None:
            self._known.clear()
        else:
            self._known.pop(account, None)
