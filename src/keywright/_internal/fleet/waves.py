"""Waves: in which order accounts are worked on, and how many are risked before the first is known to be well."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from keywright._internal.fleet.account_work import AccountTask
from keywright._internal.model.account_share import AccountShare
from keywright.errors import UsageError


def waves(
    tasks: Sequence[AccountTask], size: AccountShare | None, canaries: Collection[str] = ()
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
