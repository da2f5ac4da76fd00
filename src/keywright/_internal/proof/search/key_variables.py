"""Policy variables for what isn't known of the key: which values of them the policies tell apart.

`${aws:ResourceOrgID}` is the same in every request on one key, and yet unknown where only the policy is. What else the
same context key is compared with tells its values apart: beside `aws:PrincipalOrgID = o-a1b2c3d4e5` the key's account
may be in that organization.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.facts.condition_keys import finite_values, key_facts
from keywright._internal.facts.key_groups import CALLERS_ORGANIZATION, SOURCE_ORGANIZATION
from keywright._internal.policy.document import Condition
from keywright._internal.proof.evaluation.conditions import parse_operator
from keywright._internal.proof.evaluation.variables import VARIABLES_VERSION, Variable, template, variable_keys
from keywright._internal.proof.search.attributes import family
from keywright._internal.proof.search.automata import Automaton, Between, literal
from keywright._internal.proof.search.callers import DERIVED, SERVICE_KEYS
from keywright._internal.proof.search.representatives import Splitters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright._internal.policy.document import PolicyDocument
    from keywright._internal.proof.search.attributes import Test

_WITH_PATHS: Final = frozenset({*CALLERS_ORGANIZATION, *SOURCE_ORGANIZATION})
_WILD: Final = frozenset({"StringLike", "ArnLike", "ArnEquals"})


@dataclass(frozen=True, slots=True)
class OfVariable:
    """What tells the values of one variable apart."""

    apart: tuple[Automaton, ...] = ()
    """Sets of its values that policies treat alike."""
    unsettled: frozenset[str] = frozenset()
    """Values of conditions in which it stands among wildcards or others, so that it is left open there."""


NO_VARIABLE: Final = OfVariable()


@dataclass(frozen=True, slots=True)
class Compared:
    """What policies and claims compare each context key with, those together that make one attribute."""

    tests: dict[tuple[str, ...], list[Test]]
    services: tuple[str, ...]
    """The service principals that are named."""

    @classmethod
    def of(cls, documents: Sequence[PolicyDocument], asked: Sequence[Condition], services: Iterable[str]) -> Compared:
        """Everything that policies and claims compare with."""
        tests: dict[tuple[str, ...], list[Test]] = {}
        named = dict.fromkeys(services)
        for document in documents:
            for statement in document.statements:
                for principal in (*(statement.principals or ()), *(statement.not_principals or ())):
                    if principal.type == "Service":
                        named[principal.value] = None
                for condition in statement.conditions:
                    variables = document.version == VARIABLES_VERSION
                    tests.setdefault(_together(condition.key), []).append((condition, variables))
        for condition in asked:
            tests.setdefault(_together(condition.key), []).append((condition, False))
        return cls(tests, tuple(named))

    def with_variable(self, key: str) -> OfVariable:
        """What tells the values of a variable apart, by the folded name of its key."""
        apart: dict[Automaton, None] = {}
        unsettled: set[str] = set()
        for keys, tests in self.tests.items():
            written = dict.fromkeys(value for test in tests for value in _with_variable(key, test))
            if not written:
                continue
            others = self._others(keys, tests)
            plain = {value: found for value in written if (found := _around(key, *value)) is not None}
            if not DERIVED.isdisjoint({*keys} - {*SERVICE_KEYS}):  # callers are named elsewhere, too
                unsettled.update(value for _, value in written)
                continue
            if len(plain) < len(written) or _may_meet(plain.values()):
                if others or len(written) > 1:
                    unsettled.update(value for _, value in written)
                continue
            apart |= dict.fromkeys(Between(item, *around) for around in plain.values() for item in others)
        return OfVariable(tuple(apart), frozenset(unsettled))

    def _others(self, keys: tuple[str, ...], tests: Iterable[Test]) -> tuple[Automaton, ...]:
        """What else the keys are compared with, and what they always are: a truth value may be a variable's, too."""
        splitters = Splitters()
        for condition, variables in tests:
            values = tuple(_cut(condition.key, value) for value in condition.values)
            splitters.add(Condition(condition.operator, condition.key, values), variables=variables)
        named = self.services if not {*SERVICE_KEYS}.isdisjoint(keys) else ()
        return (*splitters.automata, *map(literal, dict.fromkeys((*splitters.texts, *named, *_always(keys)))))


def _always(keys: Iterable[str]) -> Iterator[str]:
    """The values of which the keys always have one, where those are few and known."""
    for key in keys:
        facts = key_facts(key)
        if facts is not None and facts.shape == "bool":
            yield from ("true", "false")
        yield from sorted(finite_values(key) or ())


def _together(key: str) -> tuple[str, ...]:
    keys = family(fold(key))
    return SERVICE_KEYS if fold(key) in SERVICE_KEYS else keys


def _cut(key: str, value: str) -> str:
    """Of a path in an organization, the organization."""
    return value.partition("/")[0] if fold(key) in _WITH_PATHS else value


Written = tuple[Condition, str]
"""A condition and the value of it in which a variable stands."""


def _with_variable(key: str, test: Test) -> Iterator[Written]:
    condition, variables = test
    operator = parse_operator(condition.operator)
    if variables and operator is not None and operator.takes_variables:
        for value in condition.values:
            if key in map(fold, variable_keys(value)):
                yield condition, value


def _around(key: str, condition: Condition, value: str) -> tuple[str, str] | None:
    """The plain texts before and behind the variable in a value; None where there is more than that."""
    operator = parse_operator(condition.operator)
    wildcards = operator is not None and operator.positive in _WILD
    texts = [""]
    for part in template(_cut(condition.key, value), variables=True, wildcards=wildcards):
        if isinstance(part, Variable):
            if fold(part) != key:
                return None
            texts.append("")
        elif isinstance(part, str):
            texts[-1] += part
        else:
            return None
    return (texts[0], texts[1]) if len(texts) == 2 else None  # noqa: PLR2004 - before and behind


def _may_meet(around: Iterable[tuple[str, str]]) -> bool:
    """Whether two values with the variable can be the same text for different values of it."""
    return any(
        (one[0].startswith(other[0]) or other[0].startswith(one[0]))
        and (one[1].endswith(other[1]) or other[1].endswith(one[1]))
        for one, other in combinations(dict.fromkeys(around), 2)
    )
