"""All requests on one key, as far as policies and claims tell them apart: callers, actions and attributes.

A set of one caller's requests is a box: one mask of atoms for each attribute, the action first. Requests that
can't be, because one key follows from another or an action doesn't carry a key, are boxes too, and are cut out of
every search. What can't be decided of a request's attributes one by one is an unknown, an attribute of its own that is
false or true: so the same condition in two statements is met by both or by neither.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import CROSS_ACCOUNT, DECIDED_BY_KEY_POLICIES, fold
from keywright._internal.facts.condition_keys import key_facts, spelled
from keywright._internal.facts.key_groups import CALLERS_ORGANIZATION, SOURCE, VIA
from keywright._internal.policy.document import Condition
from keywright._internal.proof.evaluation.matching import matches_action
from keywright._internal.proof.evaluation.request import Request, complete_context
from keywright._internal.proof.evaluation.variables import VARIABLES_VERSION, has_variables, variable_keys
from keywright._internal.proof.search.attributes import (
    Attribute,
    attribute,
    family,
    looks_up,
)
from keywright._internal.proof.search.boxes import Box, atoms_of, find_outside, meet
from keywright._internal.proof.search.caller_conditions import CallerTest, depends_on_more
from keywright._internal.proof.search.callers import DERIVED, Named, PrincipalClass, callers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from keywright._internal.policy.document import PolicyDocument, Principal, Statement
    from keywright._internal.proof.evaluation.request import Caller, Context
    from keywright._internal.proof.search.attributes import Test, Values
    from keywright._internal.proof.search.key_candidates import KeyCandidate

_TELLING: Final = ("kms:Decrypt", "kms:PutKeyPolicy", "kms:CreateGrant", "kms:ScheduleKeyDeletion")
_ENCRYPTION_CONTEXT: Final = "kms:encryptioncontext:"
_CONTEXT_KEYS: Final = "kms:encryptioncontextkeys"
_REQUEST_TAG: Final = "aws:requesttag/"
_TAG_KEYS: Final = "aws:tagkeys"


_EITHER: Final = 0b11
HELD: Final = 0b10
"""The mask of an unknown that turns out true."""

EVERYBODY: Final = "an Allow for everybody is for services too"
"""An unknown: AWS doesn't document it."""

Unknown = Hashable
"""What is left open: a condition whose outcome attributes alone don't tell, or whom or what an element covers."""


@cache
def actions() -> tuple[str, ...]:
    """The actions that a key policy decides, the most telling first."""
    order = {name: at for at, name in enumerate(_TELLING)}
    return tuple(sorted(DECIDED_BY_KEY_POLICIES, key=lambda name: (order.get(name, len(order)), name)))


@lru_cache(maxsize=4096)
def action_mask(pattern: str) -> int:
    """The actions that an Action value covers."""
    return sum(1 << at for at, name in enumerate(actions()) if matches_action(pattern, name))


@lru_cache(maxsize=1024)
def masked(names: frozenset[str]) -> int:
    """These actions as a mask; what a key policy doesn't decide is passed over."""
    return sum(1 << at for at, name in enumerate(actions()) if name in names)


def named_in(mask: int) -> tuple[str, ...]:
    """The actions of a mask, sorted."""
    return tuple(sorted(actions()[at] for at in atoms_of(mask)))


class RequestSpace:
    """The requests on one key.

    Args:
        documents: the policies they are held against.
        key: the key.
        principals: whom claims name.
        by_name: roles and users whom claims mean whatever their path.
        conditions: what claims ask of requests; their values aren't looked up.
        fixed: context keys, lower-cased, that are the same in every request on the key.

    Raises:
        TooManyCellsError: patterns interlock beyond bounds.
        TooManyValues: a key's values are told apart in too many ways.
    """

    def __init__(
        self,
        documents: Sequence[PolicyDocument],
        key: KeyCandidate,
        *,
        principals: Iterable[Principal] = (),
        by_name: Iterable[Caller] = (),
        conditions: Iterable[Condition] = (),
        fixed: Mapping[str, Values] | None = None,
    ) -> None:
        self.location = key.location
        self.resource = key.arn
        self.fixed: Context = {
            "aws:requestedregion": (key.location.region,),
            "aws:resourceaccount": (key.location.account,),
            **(fixed or {}),
        }
        self._unsettled = key.unsettled
        if key.organisation_is_told:
            self.fixed["aws:resourceorgid"] = (key.organisation,) if key.organisation is not None else ()
        statements = [(item, document) for document in documents for item in document.statements]
        written = [
            (condition, document.version == VARIABLES_VERSION)
            for statement, document in statements
            for condition in statement.conditions
        ]
        tests = dict.fromkeys((item, False) for item in conditions)
        tests |= dict.fromkeys((self.settled(item, variables=variables), variables) for item, variables in written)
        by_family: dict[tuple[str, ...], list[Test]] = {}
        derived: list[Test] = []
        for test in tests:
            name = fold(test[0].key)
            if name in DERIVED:
                derived.append(test)
            elif name not in self.fixed:
                by_family.setdefault(family(name), []).append(test)
        _tie_names(by_family, _ENCRYPTION_CONTEXT, _CONTEXT_KEYS)
        _tie_names(by_family, _REQUEST_TAG, _TAG_KEYS)
        self.attributes = tuple(attribute(keys, tuple(found)) for keys, found in sorted(by_family.items()))
        self.position = {name: at for at, item in enumerate(self.attributes, 1) for name in item.keys}
        opened = [test for item in self.attributes for test, (surely, maybe) in item.met.items() if surely != maybe]
        opened += [test for test in derived if depends_on_more(test)]
        opened += [test for test in tests if fold(test[0].key) in self.fixed and looks_up(test)]
        self.unknowns = {
            unknown: at for at, unknown in enumerate(_unknowns(opened, statements), len(self.attributes) + 1)
        }
        self.full: Box = (
            (1 << len(actions())) - 1,
            *(item.everything for item in self.attributes),
            *(_EITHER for _ in self.unknowns),
        )
        self.impossible = tuple(self._impossible())
        self.unlikely = (*self.impossible, *self._unlikely())
        used = {fold(name) for test in written for value in test[0].values for name in variable_keys(value)}
        used.update(fold(test[0].key) for test in tests)
        self._fixed_used = {name: values for name, values in self.fixed.items() if values and name in used}
        self._presence = {service: self._presences(service=service) for service in (False, True)}
        self._caller_tests: dict[Test, CallerTest] = {}
        self.callers = callers(
            Named(
                _principals(statements),
                frozenset(principals),
                frozenset(by_name),
                tuple(derived),
                _is_open(statements),
            ),
            self.resource,
            self.location.account,
            self.location.partition,
        )

    def settled(self, condition: Condition, *, variables: bool) -> Condition:
        """The condition with variables replaced whose value is the same in every request on the key."""
        if not looks_up((condition, variables)):
            return condition
        values = []
        for value in condition.values:
            text: str | None = value
            for name in dict.fromkeys(variable_keys(value)):
                fixed = self.fixed.get(fold(name)) if value not in self._unsettled else None
                if text is not None and fixed is not None:
                    variable = f"${{{name}}}"
                    text = text.replace(variable, fixed[0]) if fixed else None if variable in text else text
            if text is not None:  # a variable without a value matches nothing (5.5)
                values.append(text)
        return Condition(condition.operator, condition.key, tuple(values))

    def caller_test(self, test: Test) -> CallerTest:
        """A condition on a key that follows from the caller: the same for all statements that ask it."""
        found = self._caller_tests.get(test)
        if found is None:
            found = self._caller_tests[test] = CallerTest.of(test)
        return found

    @property
    def each_caller(self) -> tuple[PrincipalClass, ...]:
        """Each caller once: a session whose role isn't told where that is certain, else with one of its roles."""
        found: dict[Caller, PrincipalClass] = {}
        for item in self.callers:
            if item.certain:
                found.setdefault(item.caller, item)
        return tuple(found.values())

    def is_undocumented(self, key: str) -> bool:
        """Whether it isn't documented that requests carry the key where a key policy sees it."""
        facts = key_facts(key)
        return facts is None or not facts.in_key_policies

    # --- Boxes ----------------------------------------------------------------------------------------------

    def possible(self, caller: PrincipalClass) -> Box:
        """All that requests of this caller can be, as far as AWS doesn't rule it out."""
        return self._of(caller, 0)

    def described(self, caller: PrincipalClass) -> Box:
        """What requests are such as AWS describes them; keys that it doesn't know may be there or not."""
        return self._of(caller, 1)

    def certain(self, caller: PrincipalClass) -> Box:
        """What requests can be for certain."""
        return self._of(caller, 2)

    def _of(self, caller: PrincipalClass, degree: int) -> Box:
        box = self._presence[caller.is_service][degree]
        if caller.is_service or caller.caller.account == self.location.account:
            return box
        return (box[0] & _across_accounts(), *box[1:])

    def where(self, box: Box, condition: Condition) -> Box:
        """The part of a box that meets a condition which was given to the space."""
        at = self.position[fold(condition.key)]
        return _narrowed(box, at, self.attributes[at - 1].met[(condition, False)][1])

    def where_not(self, box: Box, condition: Condition) -> Box:
        """The part of a box that doesn't meet a condition which was given to the space."""
        at = self.position[fold(condition.key)]
        met = self.attributes[at - 1].met[(condition, False)][0]
        return _narrowed(box, at, self.attributes[at - 1].everything & ~met)

    def at_each_value(self, box: Box, key: str) -> Iterator[Box]:
        """A box by each value of a key, as far as values are told apart and are such as AWS describes; else itself."""
        at = self.position.get(key)
        if at is None:
            yield box
            return
        for atom in atoms_of(box[at] & self.attributes[at - 1].documented & self.attributes[at - 1].carrying[key]):
            yield _narrowed(box, at, 1 << atom)

    def of_actions(self, mask: int) -> Box:
        """All requests for some actions."""
        return (mask, *self.full[1:])

    def request(self, caller: PrincipalClass, box: Box) -> Request:
        """The plainest request in a box that isn't empty: few context keys, a telling action."""
        context: Context = dict(caller.carried)
        for item, mask in zip(self.attributes, box[1:], strict=False):  # what follows are unknowns
            context.update(item.atoms[next(atoms_of(mask))])
        return self._completed(Request(caller.caller, actions()[next(atoms_of(box[0]))], self.resource, context))

    def plainest(self, caller: PrincipalClass, action: str) -> Request:
        """The request of a caller for an action that carries as little as one can."""
        box = meet(self.of_actions(masked(frozenset({action}))), self.certain(caller))
        found = find_outside(box, self.impossible) if box is not None else None
        context = self.request(caller, found).context if found is not None else dict(caller.carried)
        return self._completed(Request(caller.caller, action, self.resource, context))

    def _completed(self, request: Request) -> Request:
        """The request with what is fixed of the key."""
        return Request(request.caller, request.action, request.resource, {**self._fixed_used, **request.context})

    def locate(self, request: Request) -> Box | None:
        """The point of a concrete request; None where its values are none that the space holds."""
        context = complete_context(request)
        point = [1 << actions().index(request.action)]
        for item in self.attributes:
            found = item.locate(context)
            if found is None:
                return None
            point.append(found)
        return (*point, *(_EITHER for _ in self.unknowns))

    def _presences(self, *, service: bool) -> tuple[Box, Box, Box]:
        """What requests carry: as far as is possible, as AWS describes it, and for certain."""
        either = [_EITHER] * len(self.unknowns)
        found = zip(*(_carried(item, service=service) for item in self.attributes), strict=True)
        first, second, third = ((self.full[0], *masks, *either) for masks in (found if self.attributes else ((),) * 3))
        return first, second, third

    # --- Requests that can't be -----------------------------------------------------------------------------

    def _impossible(self) -> Iterator[Box]:
        """What AWS documents not to be: a key with an action that doesn't carry it."""
        for at, item in enumerate(self.attributes, 1):
            facts = key_facts(item.keys[0]) if len(item.keys) == 1 else None
            if facts is not None and facts.actions is not None:
                yield self._where({0: self.full[0] & ~masked(facts.actions), at: item.carrying[item.keys[0]]})

    def _unlikely(self) -> Iterator[Box]:
        """What doesn't go together in the requests that AWS describes, and is only possible."""
        yield from self._names_go_together(_ENCRYPTION_CONTEXT, _CONTEXT_KEYS)
        yield from self._names_go_together(_REQUEST_TAG, _TAG_KEYS)
        yield from self._excludes("aws:sourceip", self._carrying, "aws:sourcevpce", self._carrying)
        yield from self._excludes("aws:sourceip", self._carrying, "aws:sourcevpc", self._carrying)
        for one, other in _TOGETHER:
            yield from self._excludes(one, self._carrying, other, self._lacking)
            yield from self._excludes(one, self._lacking, other, self._carrying)
        yield from self._excludes(
            "aws:multifactorauthage", self._carrying, "aws:multifactorauthpresent", self._not_true
        )
        yield from self._excludes("kms:multiregionkeytype", self._carrying, "kms:multiregion", self._not_true)
        for called in ("aws:calledvia", "aws:calledviafirst", "aws:calledvialast"):
            yield from self._excludes(called, self._carrying, VIA[0], self._lacking)

    def _where(self, masks: Mapping[int, int]) -> Box:
        return tuple(masks.get(at, mask) for at, mask in enumerate(self.full))

    def _carrying(self, key: str) -> int:
        return self.attributes[self.position[key] - 1].carrying[key]

    def _lacking(self, key: str) -> int:
        return self.full[self.position[key]] & ~self._carrying(key)

    def _not_true(self, key: str) -> int:
        item = self.attributes[self.position[key] - 1]
        return sum(1 << at for at, entries in enumerate(item.atoms) if (key, ("true",)) not in entries)

    def _excludes(
        self, one: str, of_one: Callable[[str], int], other: str, of_other: Callable[[str], int]
    ) -> Iterator[Box]:
        """What can't be together, where both keys play a part."""
        if one in self.position and other in self.position:
            yield self._where({self.position[one]: of_one(one), self.position[other]: of_other(other)})

    def _names_go_together(self, stem: str, listing: str) -> Iterator[Box]:
        """A key of a family is there exactly where the list of names has its name, in some case."""
        if listing not in self.position:
            return
        at = self.position[listing]
        for key in [key for key in self.position if key.startswith(stem)]:
            listed = self.attributes[at - 1].met[(_lists(listing, key[len(stem) :]), False)][0]
            facts = key_facts(key)  # UntagResource lists tags and sets none
            with_values = masked(facts.actions) if facts is not None and facts.actions is not None else self.full[0]
            yield self._where({self.position[key]: self._carrying(key), at: self.full[at] & ~listed})
            yield self._where({0: with_values, self.position[key]: self._lacking(key), at: listed})


_TOGETHER: Final = (
    ("aws:sourcevpc", "aws:sourcevpce"),
    ("aws:sourcevpc", "aws:vpcsourceip"),
    ("aws:sourcevpce", "aws:vpcsourceip"),
)
"""Keys that a request has exactly when it comes through a VPC endpoint (section 6)."""


@cache
def _across_accounts() -> int:
    return masked(CROSS_ACCOUNT)


def _narrowed(box: Box, at: int, mask: int) -> Box:
    return (*box[:at], box[at] & mask, *box[at + 1 :])


def _carried(item: Attribute, *, service: bool) -> tuple[int, int, int]:
    """Which atoms of an attribute a caller's requests can have: possibly, as AWS describes it, and for certain."""
    everything, absent = item.everything, 1
    facts = key_facts(item.keys[0])
    if item.keys in {VIA, CALLERS_ORGANIZATION}:
        everything = absent if service else everything
    elif item.keys == SOURCE:
        everything = everything if service else absent
    elif item.keys == _ALWAYS_TLS:
        everything &= ~absent
    elif facts is None or not facts.in_key_policies:
        return everything, everything, absent
    elif (presence := facts.presence("service" if service else "user", None)) == "never":
        everything = absent
    elif presence == "always":  # it may be left out of a request that a person tries out
        described = item.documented & ~absent
        return everything, described, described
    return everything, everything & item.documented, everything & item.documented


_ALWAYS_TLS: Final = ("aws:securetransport",)


def _tie_names(by_family: dict[tuple[str, ...], list[Test]], stem: str, listing: str) -> None:
    """Where names are compared with both ways, tell lists apart by whether they have each name."""
    if (listing,) in by_family:
        names = [keys[0][len(stem) :] for keys in by_family if keys[0].startswith(stem)]
        by_family[(listing,)] += [(_lists(listing, name), False) for name in names]


def _lists(listing: str, name: str) -> Condition:
    return Condition("ForAnyValue:StringEqualsIgnoreCase", listing, (name,))


def unknown_condition(test: Test) -> Unknown:
    """What leaves a condition open."""
    condition, variables = test
    return condition.operator, fold(condition.key), tuple(sorted(condition.values)), variables


def unknown_exception(statement: Statement) -> Unknown:
    """What leaves open whom a NotPrincipal spares."""
    return "NotPrincipal", frozenset(statement.not_principals or ())


def unknown_resource(statement: Statement) -> Unknown:
    """What leaves open whether a Resource with policy variables is the key."""
    if statement.resources is not None:
        return "Resource", frozenset(statement.resources)
    return "NotResource", frozenset(statement.not_resources or ())


def _unknowns(opened: Iterable[Test], statements: Iterable[tuple[Statement, PolicyDocument]]) -> list[Unknown]:
    """Whatever is left open."""
    found: dict[Unknown, None] = {unknown_condition(test): None for test in opened}
    for statement, document in statements:
        listed = (*(statement.resources or ()), *(statement.not_resources or ()))
        if document.version == VARIABLES_VERSION and any(map(has_variables, listed)):
            found[unknown_resource(statement)] = None
        if statement.not_principals is not None:
            found[unknown_exception(statement)] = None
            found[EVERYBODY] = None
        elif statement.effect == "Allow" and any(item.value == "*" for item in statement.principals or ()):
            found[EVERYBODY] = None
    return list(found)


def _principals(statements: Iterable[tuple[Statement, PolicyDocument]]) -> frozenset[Principal]:
    return frozenset(
        principal
        for statement, _ in statements
        for principal in (*(statement.principals or ()), *(statement.not_principals or ()))
    )


def _is_open(statements: Iterable[tuple[Statement, PolicyDocument]]) -> bool:
    return any(
        statement.not_principals is not None or any(item.value == "*" for item in statement.principals or ())
        for statement, _ in statements
    )


def in_words(request: Request) -> str:
    """What is called, and with which context keys."""
    circumstances = " and ".join(
        f"{spelled(key)} = {values_in_words(values)}"
        for key, values in sorted(request.context.items())
        if key not in DERIVED
    )
    return f"{request.action} with {circumstances}" if circumstances else request.action


def values_in_words(values: Iterable[str]) -> str:
    """The values of a context key; an empty one is seen."""
    return ", ".join(value or '""' for value in values)
