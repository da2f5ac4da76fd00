"""Conditions on keys that follow from who calls: of which callers each holds.

What a condition says by itself is found once, and of each caller once for all statements that ask the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.facts.key_groups import CALLERS_ACCOUNT
from keywright._internal.proof.evaluation.conditions import compile_condition, parse_operator
from keywright._internal.proof.search.attributes import looks_up
from keywright._internal.proof.search.callers import ARN_KEY, SERVICE_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from keywright._internal.proof.search.attributes import Test
    from keywright._internal.proof.search.callers import PrincipalClass

_LISTED: Final = SERVICE_KEYS[1]
_UNTOLD_OF_SERVICES: Final = frozenset({ARN_KEY, CALLERS_ACCOUNT[0]})
"""Whether a service's requests carry them, and with which value, isn't documented (section 6)."""

Outcome = tuple[bool, bool]
"""Whether a condition surely holds, and whether it may."""


@dataclass(frozen=True, slots=True)
class CallerTest:
    """A condition on a key that follows from the caller."""

    test: Test
    looks_up: bool
    """Whether it compares with a policy variable."""
    _decide: Callable[[PrincipalClass], Outcome]
    _known: dict[PrincipalClass, Outcome] = field(default_factory=dict)

    @classmethod
    def of(cls, test: Test) -> CallerTest:
        """A condition, ready to be asked of many callers."""
        return cls(test, looks_up(test), _outcomes(test))

    def outcome(self, caller: PrincipalClass) -> Outcome:
        """Whether it surely holds for a caller, and whether it may."""
        found = self._known.get(caller)
        if found is None:
            found = self._known[caller] = self._decide(caller)
        return found


@lru_cache(maxsize=4096)
def depends_on_more(test: Test) -> bool:
    """Whether a condition on what follows from the caller may still turn out either way."""
    return looks_up(test) or fold(test[0].key) in {_LISTED, *_UNTOLD_OF_SERVICES}


def _outcomes(test: Test) -> Callable[[PrincipalClass], Outcome]:
    """Whether a condition on what follows from the caller surely holds of one, and whether it may."""
    condition, variables = test
    key, holds_in = fold(condition.key), compile_condition(condition, variables=variables)
    of_services = (False, parse_operator(condition.operator) is not None) if key in _UNTOLD_OF_SERVICES else None
    varying = looks_up(test)

    def outcome(caller: PrincipalClass) -> Outcome:
        if of_services is not None and caller.is_service:
            return of_services
        holds = holds_in(caller.context)
        if not caller.context.get(key):
            return holds, holds
        if varying:
            return False, True
        return _of_listed(test, holds=holds) if key == _LISTED else (holds, holds)

    return outcome


def _of_listed(test: Test, *, holds: bool) -> tuple[bool, bool]:
    """A condition on all names of a service, of which the one that it calls with is known."""
    operator = parse_operator(test[0].operator)
    if operator is None or operator.name == "Null":
        return holds, holds
    match operator.quantifier:
        case "ForAnyValue":
            return holds, True
        case "ForAllValues":
            return False, holds
        case _:
            return False, True  # a list without a set operator: not documented
