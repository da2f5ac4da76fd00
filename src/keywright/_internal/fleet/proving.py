"""Proves the policies of a plan: many that no earlier run has proved by all processors, and others by this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keywright._internal.lifecycle.claims import prove_here
from keywright._internal.proof.declared_policies import recall_declared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright._internal.policy.stack_policies import DeclaredPolicy
    from keywright._internal.proof.claims.result import ClaimResult
    from keywright._internal.proof.memory import Memory

_MANY: Final = 3_000
"""So many policies take longer to prove, over 1 ms each, than two processes take to start and be told of them."""


def prove_many(
    wanted: Sequence[tuple[DeclaredPolicy, str | None]], memory: Memory | None
) -> Iterable[tuple[ClaimResult, ...]]:
    """A `Prover`."""
    if len(wanted) < _MANY:
        return prove_here(wanted, memory)
    remembered = [recall_declared(policy, memory, caller=caller) for policy, caller in wanted]
    new = [item for item, found in zip(wanted, remembered, strict=True) if found is None]
    proved = iter(prove_here(new, memory) if len(new) < _MANY else _by_processes(new, no_cache=memory is None))
    return (next(proved) if found is None else found for found in remembered)


def _by_processes(
    wanted: Sequence[tuple[DeclaredPolicy, str | None]], *, no_cache: bool
) -> Iterator[tuple[ClaimResult, ...]]:
    from keywright._internal.fleet.executors import local_processors  # noqa: PLC0415 - what few plans need
    from keywright._internal.fleet.proof_work import prove_by  # noqa: PLC0415

    with local_processors(worth_it=True) as workers:
        yield from prove_by(workers, wanted, no_cache=no_cache)
