"""Attributes of a request as atoms: finitely many values, of which each stands for all that no condition tells apart.

Context keys that AWS ties together are one attribute: a request through a service has both `kms:ViaService` and
`aws:ViaAWSService`, a source's ARN fixes its account, an organisation's path begins with the organisation. So no
atom is a request that can't be. Whether a value meets a condition is asked of the evaluator's own functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.facts.condition_keys import is_multivalued, key_facts
from keywright._internal.proof.claims.trust import account_of, organisation_of
from keywright._internal.proof.evaluation.comparisons import COMPARISONS, Readable
from keywright._internal.proof.evaluation.conditions import Operator, condition_holds, parse_operator
from keywright._internal.proof.evaluation.variables import has_variables
from keywright._internal.proof.search.representatives import Splitters, representatives
from keywright._internal.proof.search.shapes import STRANGER_ACCOUNT, STRANGER_ORGANISATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from keywright._internal.policy.document import Condition

Values = tuple[str, ...]
Entries = tuple[tuple[str, Values], ...]
"""Context keys with their values; a key that isn't there is absent."""

Test = tuple["Condition", bool]
"""A condition, and whether its `${…}` are looked up."""

VIA: Final = ("kms:viaservice", "aws:viaawsservice")
ORGANISATION: Final = ("aws:principalorgid", "aws:principalorgpaths")
SOURCE: Final = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths")
TIME: Final = ("aws:currenttime", "aws:epochtime")
_FAMILIES: Final = {key: family for family in (VIA, ORGANISATION, SOURCE, TIME) for key in family}

MAX_CLASSES: Final = 10
"""Of how many different values sets are still listed: a thousand of them."""


class TooManyValues(Exception):
    """A key's values are told apart in more ways than are listed; the message says which key."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its atoms, and for each condition on it which atoms meet it."""

    keys: tuple[str, ...]
    atoms: tuple[Entries, ...]
    """The first is a request without any of the keys."""
    met: dict[Test, tuple[int, int]]
    """For each condition the atoms that surely meet it, and those that may: they differ where the documentation
    leaves the outcome open, or where a policy variable is compared with."""
    carrying: dict[str, int]
    """For each key the atoms that carry it."""

    @property
    def everything(self) -> int:
        """All atoms."""
        return (1 << len(self.atoms)) - 1

    def locate(self, context: Mapping[str, Values]) -> int | None:
        """The bit of the atom that a request's complete context falls into; None where there is none."""
        found = self.everything
        for key, mask in self.carrying.items():
            if key != VIA[1]:
                found &= mask if context.get(key) else ~mask
        for test, (surely, maybe) in self.met.items():
            held = _outcome(test, context)
            found &= (surely if held[0] else ~surely) & (maybe if held[1] else ~maybe)
        return found & -found or None


def family(key: str) -> tuple[str, ...]:
    """The keys, lower-cased, that make one attribute with this one."""
    return _FAMILIES.get(key) or (key,)


@lru_cache(maxsize=4096)
def attribute(keys: tuple[str, ...], tests: tuple[Test, ...]) -> Attribute:
    """The attribute of these keys, as far as these conditions tell its values apart.

    Raises:
        TooManyValues: there would be too many atoms.
        TooManyCellsError: its patterns interlock beyond bounds.
    """
    found: dict[tuple[tuple[bool, ...], tuple[tuple[bool, bool], ...]], Entries] = {}
    openness = [may_be_open(test) for test in tests]
    for entries in _candidates(keys, tests):
        context = dict(entries)
        results = tuple([_outcome(test, context, check=open_) for test, open_ in zip(tests, openness, strict=True)])
        found.setdefault((tuple(key in context for key in keys), results), entries)
    met = {
        test: (
            sum(1 << at for at, (_, results) in enumerate(found) if results[number][0]),
            sum(1 << at for at, (_, results) in enumerate(found) if results[number][1]),
        )
        for number, test in enumerate(tests)
    }
    listed = tuple(tuple(item for item in entries if item[0] != VIA[1]) for entries in found.values())
    carrying = {
        key: sum(1 << at for at, entries in enumerate(listed) if any(name == key for name, _ in entries))
        for key in keys
    }
    return Attribute(keys, listed, met, carrying)


# --- Whether an atom meets a condition ----------------------------------------------------------------------


def _outcome(test: Test, context: Mapping[str, Values], *, check: bool = True) -> tuple[bool, bool]:
    """Whether the condition surely holds, and whether it may; `check` is whether some value leaves it open."""
    condition, variables = test
    holds = condition_holds(condition, context, variables=variables)
    operator = parse_operator(condition.operator) if check else None
    if operator is None or operator.name == "Null":
        return holds, holds
    values = context.get(fold(condition.key), ())
    if values and is_open(test, operator, values):
        return False, True
    if not values and operator.if_exists and operator.quantifier == "ForAnyValue":
        return False, True  # section 11: AWS's rule and what is observed differ
    return holds, holds


def looks_up(test: Test) -> bool:
    """Whether the condition compares with a policy variable."""
    condition, variables = test
    operator = parse_operator(condition.operator)
    return variables and operator is not None and operator.takes_variables and any(map(has_variables, condition.values))


def may_be_open(test: Test) -> bool:
    """Whether some value leaves the condition open."""
    operator = parse_operator(test[0].operator)
    if operator is None or operator.name == "Null":
        return False
    if looks_up(test) or _compares_spelling(test[0], operator):
        return True
    if not operator.quantifier and is_multivalued(test[0].key):
        return True
    if operator.quantifier == "ForAnyValue" and operator.if_exists:
        return True
    return operator.negated and not operator.takes_variables


def is_open(test: Test, operator: Operator, values: Values) -> bool:
    """Whether a key that is there leaves the condition open: by a variable, or by AWS's silence (section 11)."""
    condition = test[0]
    if looks_up(test) or _compares_spelling(condition, operator):
        return True
    if not operator.quantifier and is_multivalued(condition.key):
        return True
    if operator.takes_variables or not operator.negated:
        return False
    compare = COMPARISONS[operator.positive]
    return any(compare(wanted, value) is Readable.NO for wanted in condition.values for value in values)


def _compares_spelling(condition: Condition, operator: Operator) -> bool:
    """Whether a number, date or address is compared as text, so that its value doesn't decide."""
    facts = key_facts(condition.key)
    if facts is None or not operator.takes_variables:
        return False
    if facts.shape == "number":
        return operator.positive != "StringEquals"
    return facts.shape in {"date", "ip"}


# --- Values that stand for all ------------------------------------------------------------------------------


def _candidates(keys: tuple[str, ...], tests: Sequence[Test]) -> Iterator[Entries]:
    """Contexts, more than are needed, among which every distinguishable one is; nothing first."""
    if keys == VIA:
        yield ((VIA[1], ("false",)),)
        for service in _values(VIA[0], tests):
            yield ((VIA[0], (service,)), (VIA[1], ("true",)))
        return
    yield ()
    if keys == ORGANISATION:
        yield from _organisations(ORGANISATION, tests)
    elif keys == SOURCE:
        yield from _sources(tests)
    elif keys == TIME:
        for moment in _values(TIME[0], tests):
            yield tuple((key, (moment,)) for key in TIME)
    elif is_multivalued(keys[0]):
        yield from _sets(keys[0], tests)
    else:
        for value in _values(keys[0], tests):
            yield ((keys[0], (value,)),)


def _values(key: str, tests: Iterable[Test]) -> tuple[str, ...]:
    """Values of one key that stand for all."""
    splitters = Splitters()
    for condition, variables in tests:
        if fold(condition.key) == key or key == TIME[0]:
            splitters.add(condition, variables=variables)
    return representatives(key, splitters)


def _sets(key: str, tests: Sequence[Test]) -> Iterator[Entries]:
    """Sets of values: those that hold or miss a value of each kind, in every combination."""
    kinds: dict[tuple[bool, ...], str] = {}
    for value in _values(key, tests):
        signs = tuple(_alone(test, key, value) for test in tests)
        kinds.setdefault(signs, value)
    if len(kinds) > MAX_CLASSES:
        facts = key_facts(key)
        raise TooManyValues(f"the conditions on {facts.name if facts else key} are too many to be combined")
    chosen = list(kinds.values())
    for members in range(1, 1 << len(chosen)):
        yield ((key, tuple(value for at, value in enumerate(chosen) if members >> at & 1)),)


def _alone(test: Test, key: str, value: str) -> bool:
    """Whether a set of this one value meets the condition: what every set operator's outcome is made of."""
    condition, variables = test
    operator = parse_operator(condition.operator)
    if operator is None or operator.name == "Null":
        return True
    single = {key: (value,)}
    if operator.quantifier:
        return condition_holds(condition, single, variables=variables)
    return is_open(test, operator, (value,))


def _organisations(keys: tuple[str, str], tests: Sequence[Test]) -> Iterator[Entries]:
    """An organisation's id with one of its paths; where only one of the keys is compared with, that one alone."""
    used = {fold(condition.key) for condition, _ in tests} & set(keys)
    paths = _values(keys[1], tests) if keys[1] in used else ()
    ids = dict.fromkeys((*_values(keys[0], tests), *filter(None, map(organisation_of, paths)), STRANGER_ORGANISATION))
    rests = dict.fromkeys((*(path.partition("/")[2] for path in paths), "r-else/ou-else-99999999/"))
    for name in ids:
        first = ((keys[0], (name,)),) if keys[0] in used else ()
        if keys[1] not in used:
            yield first
            continue
        for rest in rests:
            yield (*first, (keys[1], (f"{name}/{rest}",)))


def _sources(tests: Sequence[Test]) -> Iterator[Entries]:
    """On whose behalf a service calls: the resource's ARN, its account and organisation, as they go together."""
    account_key, arn_key, *organisation_keys = SOURCE
    used = {fold(condition.key) for condition, _ in tests} & set(SOURCE)
    accounts = _values(account_key, tests) if account_key in used else ()
    arns = _values(arn_key, tests) if arn_key in used else ()
    owners = dict.fromkeys((*accounts, *filter(None, map(account_of, arns)), STRANGER_ACCOUNT))
    named = [None, *arns, *(_of(arn, owner) for arn in arns if account_of(arn) for owner in owners)]
    in_organisation = used & set(organisation_keys)
    places: list[Entries] = [()]
    if in_organisation:
        places += list(_organisations((organisation_keys[0], organisation_keys[1]), tests))
    for arn, account, place in product(dict.fromkeys(named), (None, *accounts), places):
        owner = account_of(arn) if arn else None
        if account is not None and owner is not None and owner != account:
            continue
        first = ((account_key, (account,)),) if account is not None else ()
        second = ((arn_key, (arn,)),) if arn is not None else ()
        yield (*first, *second, *place)


def _of(arn: str, account: str) -> str:
    """The same ARN in another account."""
    parts = arn.split(":", 5)
    return ":".join((*parts[:4], account, *parts[5:]))
