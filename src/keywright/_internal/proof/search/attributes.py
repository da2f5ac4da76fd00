"""Attributes of a request as atoms: finitely many values, of which each stands for all that no condition tells apart.

Context keys that AWS ties together are one attribute: a request through a service has both `kms:ViaService` and
`aws:ViaAWSService`, a source's ARN fixes its account, an organization's path begins with the organisation. Atoms that
no AWS page rules out and none describes either are possible, not certain. Whether a value meets a condition is asked
of the evaluator's own functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.facts.condition_keys import is_multivalued, key_facts
from keywright._internal.facts.key_groups import CALLERS_ORGANIZATION, SOURCE, VIA
from keywright._internal.proof.claims.trust import account_of
from keywright._internal.proof.evaluation.comparisons import COMPARISONS, Readable, instant, number
from keywright._internal.proof.evaluation.conditions import Operator, compile_condition, condition_holds, parse_operator
from keywright._internal.proof.evaluation.variables import has_variables
from keywright._internal.proof.search.automata import Part, literal, sequence, without
from keywright._internal.proof.search.cells import cells
from keywright._internal.proof.search.representatives import Splitters, between_moments, iso, moments, representatives
from keywright._internal.proof.search.shapes import STRANGER_ORGANISATION, domains, is_documented, strangers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from decimal import Decimal

    from keywright._internal.policy.document import Condition

Values = tuple[str, ...]
Entries = tuple[tuple[str, Values], ...]
"""Context keys with their values; a key that isn't there is absent."""

Test = tuple["Condition", bool]
"""A condition, and whether its `${…}` are looked up."""

TIME: Final = ("aws:currenttime", "aws:epochtime")
_FAMILIES: Final = {key: family for family in (VIA, CALLERS_ORGANIZATION, SOURCE, TIME) for key in family}
_UNKNOWN_TO_ALL: Final = frozenset({"aws:resourceorgpaths"})
"""What is the same in every request on a key, and isn't known: a condition on it is left open."""

MAX_CLASSES: Final = 10
"""Of how many different values sets are still listed: a thousand of them."""
_ACCOUNT_IN_ARN: Final = 4
"""Behind how many colons of an ARN its account stands."""


class TooManyValues(Exception):
    """A key's values are told apart in more ways than are listed; the message says which key."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute: its atoms, and for each condition on it which atoms meet it."""

    keys: tuple[str, ...]
    atoms: tuple[Entries, ...]
    """The first is a request without any of the keys."""
    documented: int
    """The atoms whose values are such as AWS documents for the keys."""
    met: dict[Test, tuple[int, int]]
    """For each condition the atoms that surely meet it, and those that may: they differ where the documentation
    leaves the outcome open, or where a policy variable is compared with."""
    carrying: dict[str, int]
    """For each key the atoms that carry it."""
    blurred: bool
    """Whether its values are told apart in ways that aren't listed, so that some conditions are left open."""

    @property
    def everything(self) -> int:
        """All atoms."""
        return (1 << len(self.atoms)) - 1

    @property
    def documented_atoms(self) -> tuple[Entries, ...]:
        """The atoms such as AWS documents them."""
        return tuple(entries for at, entries in enumerate(self.atoms) if self.documented >> at & 1)

    def locate(self, context: Mapping[str, Values]) -> int | None:
        """The bit of the atom that a request's complete context falls into; None where there is none."""
        found = self.everything
        for key, mask in self.carrying.items():
            if key != VIA[1]:
                found &= mask if context.get(key) else ~mask
        for test, (surely, maybe) in self.met.items():
            held = _outcomes(test, blurred=self.blurred)(context)
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
    blurred = len(keys) == 1 and _holds_text(keys[0]) and _splitters(keys[0], tests).is_blurred
    found: dict[tuple[tuple[bool, ...], tuple[tuple[bool, bool], ...]], tuple[Entries, bool]] = {}
    outcomes = [_outcomes(test, check=blurred or may_be_open(test), blurred=blurred) for test in tests]
    for entries, likely in _candidates(keys, tests):
        context = dict(entries)
        results = tuple([outcome(context) for outcome in outcomes])
        signs = tuple(key in context for key in keys), results
        if signs not in found or (likely and not found[signs][1]):
            found[signs] = entries, likely
    met = {
        test: (
            sum(1 << at for at, (_, results) in enumerate(found) if results[number][0]),
            sum(1 << at for at, (_, results) in enumerate(found) if results[number][1]),
        )
        for number, test in enumerate(tests)
    }
    atoms = tuple(_carried(entries) for entries, _ in found.values())
    documented = sum(1 << at for at, (_, likely) in enumerate(found.values()) if likely)
    carrying = {
        key: sum(1 << at for at, entries in enumerate(atoms) if any(name == key for name, _ in entries)) for key in keys
    }
    return Attribute(keys, atoms, documented, met, carrying, blurred)


def _carried(entries: Entries) -> Entries:
    """What a request says itself: not whether it comes through a service, where that follows from which one."""
    follows = (VIA[1], ("true" if any(key == VIA[0] for key, _ in entries) else "false",))
    return tuple(item for item in entries if item != follows)


# --- Whether an atom meets a condition ----------------------------------------------------------------------


def _outcomes(
    test: Test, *, check: bool = True, blurred: bool = False
) -> Callable[[Mapping[str, Values]], tuple[bool, bool]]:
    """Whether the condition surely holds in a context, and whether it may; what it alone decides is found first.

    Args:
        test: the condition.
        check: whether some value leaves it open.
        blurred: whether any value does that isn't compared as text.
    """
    condition, variables = test
    holds_in, key = compile_condition(condition, variables=variables), fold(condition.key)
    operator = parse_operator(condition.operator) if check else None
    if operator is None or (operator.name == "Null" and key not in _UNKNOWN_TO_ALL):
        return lambda context: _EITHER_WAY[holds_in(context)]
    if key in _UNKNOWN_TO_ALL:
        return lambda _: (False, True)
    any_value = blurred and not operator.takes_variables
    # AWS's rule and what is observed differ there: section 11.
    open_when_absent = operator.if_exists and operator.quantifier == "ForAnyValue"

    def outcome(context: Mapping[str, Values]) -> tuple[bool, bool]:
        values = context.get(key, ())
        if (any_value or is_open(test, operator, values)) if values else open_when_absent:
            return False, True
        return _EITHER_WAY[holds_in(context)]

    return outcome


_EITHER_WAY: Final = ((False, False), (True, True))


def looks_up(test: Test) -> bool:
    """Whether the condition compares with a policy variable."""
    condition, variables = test
    operator = parse_operator(condition.operator)
    return variables and operator is not None and operator.takes_variables and any(map(has_variables, condition.values))


def may_be_open(test: Test) -> bool:
    """Whether some value leaves the condition open."""
    condition, operator = test[0], parse_operator(test[0].operator)
    if operator is None:
        return False
    if fold(condition.key) in _UNKNOWN_TO_ALL:
        return True
    if operator.name == "Null":
        return False
    return (
        looks_up(test)
        or _compares_spelling(condition, operator)
        or _folds_other_scripts(condition, operator)
        or (not operator.quantifier and is_multivalued(condition.key))
        or (operator.quantifier == "ForAnyValue" and operator.if_exists)
        or (operator.negated and not operator.takes_variables)
    )


def is_open(test: Test, operator: Operator, values: Values) -> bool:
    """Whether a key that is there leaves the condition open: by a variable, or by AWS's silence (section 11)."""
    condition = test[0]
    if looks_up(test) or _compares_spelling(condition, operator):
        return True
    if not operator.quantifier and is_multivalued(condition.key):
        return True
    if _folds_other_scripts(condition, operator):
        return any(_may_be_alike(wanted, value) for wanted in condition.values for value in values)
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


def _folds_other_scripts(condition: Condition, operator: Operator) -> bool:
    """Whether letters outside of ASCII are compared without case, which AWS doesn't document (section 11)."""
    return operator.positive == "StringEqualsIgnoreCase" and not all(map(str.isascii, condition.values))


def _may_be_alike(one: str, other: str) -> bool:
    return fold(one) != fold(other) and (one.lower() == other.lower() or one.upper() == other.upper())


# --- Values that stand for all ------------------------------------------------------------------------------


def _candidates(keys: tuple[str, ...], tests: Sequence[Test]) -> Iterator[tuple[Entries, bool]]:
    """Contexts, more than are needed, among which every distinguishable one is; nothing first.

    With each goes whether AWS documents that a request can have it.
    """
    if keys == VIA:
        yield from _through_services(tests)
        return
    yield (), True
    if keys == CALLERS_ORGANIZATION:
        yield from _organisations(CALLERS_ORGANIZATION, tests)
    elif keys == SOURCE:
        yield from _sources(tests)
    elif keys == TIME:
        yield from _times(tests)
    elif is_multivalued(keys[0]):
        for values in _sets(keys[0], _values(keys[0], tests), tests):
            yield ((keys[0], values),), all(is_documented(keys[0], value) for value in values)
    else:
        for value in _values(keys[0], tests):
            yield ((keys[0], (value,)),), is_documented(keys[0], value)


def _splitters(key: str, tests: Iterable[Test]) -> Splitters:
    """What conditions on a key compare it with."""
    splitters = Splitters()
    for condition, variables in tests:
        if fold(condition.key) == key:
            splitters.add(condition, variables=variables)
    return splitters


def _holds_text(key: str) -> bool:
    facts = key_facts(key)
    return facts is None or facts.shape == "text"


def _values(key: str, tests: Iterable[Test]) -> tuple[str, ...]:
    """Values of one key that stand for all."""
    return representatives(key, _splitters(key, tests))


def _through_services(tests: Sequence[Test]) -> Iterator[tuple[Entries, bool]]:
    """Through which service a call comes; that one key says so and the other doesn't is only possible."""
    yield ((VIA[1], ("false",)),), True
    yield ((VIA[1], ("true",)),), False
    for service in _values(VIA[0], tests):
        yield ((VIA[0], (service,)), (VIA[1], ("true",))), is_documented(VIA[0], service)
        yield ((VIA[0], (service,)), (VIA[1], ("false",))), False
    for text in _splitters(VIA[1], tests).texts:
        yield ((VIA[1], (text,)),), False


def _times(tests: Sequence[Test]) -> Iterator[tuple[Entries, bool]]:
    """When a call is made, in both keys."""
    bounds: set[Decimal] = set()
    for condition, _ in tests:
        for value in condition.values:
            bounds.update(item for item in (instant(value), number(value)) if item is not None)
    for moment in moments(bounds):
        yield ((TIME[0], (iso(moment),)), (TIME[1], (str(moment),))), True
    if any(fold(test[0].key) == TIME[0] and not _compares_dates(test) for test in tests):
        for moment in moments(bounds):
            yield ((TIME[0], (str(moment),)), (TIME[1], (str(moment),))), False
    for between in between_moments(bounds):
        yield ((TIME[0], (iso(int(between)),)), (TIME[1], (f"{between:f}",))), False


def _compares_dates(test: Test) -> bool:
    operator = parse_operator(test[0].operator)
    return operator is None or operator.name == "Null" or operator.positive.startswith("Date")


def _sets(key: str, values: Iterable[str], tests: Sequence[Test]) -> Iterator[Values]:
    """Sets of values: those that hold or miss a value of each kind, in every combination."""
    kinds: dict[tuple[bool, ...], str] = {}
    for value in values:
        signs = tuple(_alone(test, key, value) for test in tests)
        kinds.setdefault(signs, value)
    if len(kinds) > MAX_CLASSES:
        facts = key_facts(key)
        raise TooManyValues(f"the conditions on {facts.name if facts else key} are too many to be combined")
    chosen = list(kinds.values())
    for members in range(1, 1 << len(chosen)):
        yield tuple(value for at, value in enumerate(chosen) if members >> at & 1)


def _alone(test: Test, key: str, value: str) -> bool:
    """Whether a set of this one value meets the condition: what every set operator's outcome is made of."""
    condition, variables = test
    operator = parse_operator(condition.operator)
    if operator is None or operator.name == "Null" or fold(condition.key) != key:
        return True
    single = {key: (value,)}
    if operator.quantifier:
        return condition_holds(condition, single, variables=variables)
    return is_open(test, operator, (value,))


def _organisations(keys: tuple[str, str], tests: Sequence[Test]) -> Iterator[tuple[Entries, bool]]:
    """An organization's id with its paths; where only one of the keys is compared with, that one alone."""
    used = {fold(condition.key) for condition, _ in tests} & set(keys)
    if keys[1] not in used:
        for name in _values(keys[0], tests):
            yield ((keys[0], (name,)),), is_documented(keys[0], name)
        return
    ids, paths = _splitters(keys[0], tests), _splitters(keys[1], tests)
    patterns = (*paths.patterns, *(Part(item, "/", 0) for item in (*ids.patterns, *map(literal, ids.texts))))
    walked = [
        cell.example for domain in domains(keys[1], "organization path") for cell in cells(patterns, domain=domain)
    ]
    named = [text.partition("/")[0] for text in (*paths.texts, *walked, *(f"{name}/" for name in ids.texts))]
    for name in dict.fromkeys((STRANGER_ORGANISATION, *named)):
        if keys[0] in used:
            yield ((keys[0], (name,)),), False
        within = sequence(literal(f"{name}/"), without(""))
        texts = [text for text in paths.texts if text.startswith(f"{name}/")]
        listed = [*texts, *(cell.example for cell in cells(tuple(paths.patterns), domain=within, apart_from=texts))]
        first = ((keys[0], (name,)),) if keys[0] in used else ()
        for values in _sets(keys[1], listed, tests):
            yield (*first, (keys[1], values)), len(values) == 1 and is_documented(keys[1], values[0])


def _sources(tests: Sequence[Test]) -> Iterator[tuple[Entries, bool]]:
    """On whose behalf a service calls: the resource's ARN, its account and organization, as they go together."""
    account_key, arn_key, *organisation_keys = SOURCE
    used = {fold(condition.key) for condition, _ in tests} & set(SOURCE)
    accounts = _values(account_key, tests) if account_key in used else ()
    places: list[tuple[Entries, bool]] = [((), True)]
    if used & set(organisation_keys):
        places += _organisations((organisation_keys[0], organisation_keys[1]), tests)
    named = [None, *_arns_of_sources(tests)] if arn_key in used else [None]
    for arn, (place, likely) in product(named, places):
        owner = account_of(arn) if arn else None
        owners = (None, owner) if owner is not None and account_key in used else (None, *accounts)
        for account in owners:
            first = ((account_key, (account,)),) if account is not None else ()
            second = ((arn_key, (arn,)),) if arn is not None else ()
            fits = all(is_documented(key, value) for key, (value,) in (*first, *second))
            yield (*first, *second, *place), likely and fits


def _arns_of_sources(tests: Sequence[Test]) -> Iterator[str]:
    """ARNs told apart by the conditions on them, and by those on the account that they name."""
    account_key, arn_key = SOURCE[:2]
    arns, accounts = _splitters(arn_key, tests), _splitters(account_key, tests)
    owned = (*accounts.automata, *map(literal, accounts.texts))
    patterns = (*arns.patterns, *(Part(item, ":", _ACCOUNT_IN_ARN) for item in owned))
    yield from strangers("arn")
    yield from arns.texts
    for domain in domains(arn_key, "arn"):
        for cell in cells(patterns, domain=domain, apart_from=arns.texts):
            yield cell.example
