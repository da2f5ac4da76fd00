"""The claims of a plan, with what earlier runs have found out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.cache.proof_cache import proof_cache
from keywright._internal.lifecycle.claims import Proved, prove_plan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright._internal.lifecycle.steps import KeyPlan


def prove(items: Iterable[KeyPlan], *, no_cache: bool) -> dict[str, tuple[Proved, ...]]:
    """The results of the claims by key.

    Args:
        items: the plan's keys.
        no_cache: prove everything anew, and remember nothing.
    """
    with proof_cache(wanted=not no_cache) as memory:
        return prove_plan(items, memory)
