"""Which key a policy belongs to, as far as it isn't known: every kind of key that the policy tells apart.

A policy alone doesn't say its key's id, Region or organization. Where its statements depend on one of them, a claim
has to hold for each kind of key that there can be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.facts.offerings import home_region
from keywright._internal.model.key_location import KeyLocation
from keywright._internal.proof.claims.trust import OWN_ORGANISATION
from keywright._internal.proof.evaluation.conditions import condition_holds, parse_operator
from keywright._internal.proof.evaluation.matching import matches_resource
from keywright._internal.proof.evaluation.variables import Variable, expand, has_variables, template, variable_keys
from keywright._internal.proof.search.automata import Part, arn_glob, characters, literal, sequence
from keywright._internal.proof.search.cells import TooManyCellsError, cells
from keywright._internal.proof.search.key_variables import NO_VARIABLE, Compared, OfVariable
from keywright._internal.proof.search.representatives import Splitters, representatives

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from keywright._internal.policy.document import Condition, PolicyDocument, Statement

PLACEHOLDER_KEY: Final = "1234abcd-12ab-34cd-56ef-1234567890ab"
"""The id of a key that isn't made yet, as AWS's documentation writes one."""

_REGION: Final = "aws:requestedregion"
_ORGANISATION: Final = "aws:resourceorgid"
_OTHER_REGIONS: Final = ("us-west-2", "ap-south-1", "sa-east-1")
_ID: Final = characters("abcdefghijklmnopqrstuvwxyz0123456789-")
_IN_REGIONS: Final = characters("abcdefghijklmnopqrstuvwxyz0123456789-")
_MAX_CANDIDATES: Final = 24


@dataclass(frozen=True, slots=True)
class KeyCandidate:
    """One kind of key that a policy may belong to."""

    location: KeyLocation
    organisation: str | None = None
    """The organization of its account; None for none."""
    organisation_is_told: bool = True
    """False where no policy speaks of it."""
    unsettled: frozenset[str] = frozenset()
    """Values of the policies with variables for what isn't known of the key, which are left open."""

    @property
    def arn(self) -> str:
        """The key's ARN."""
        arn = self.location.arn
        if arn is None:
            raise ValueError("a candidate has a key id")
        return arn


def key_candidates(
    documents: Sequence[PolicyDocument],
    account: str,
    partition: str,
    region: str | None,
    *,
    asked: Sequence[Condition] = (),
    services: Iterable[str] = (),
) -> tuple[KeyCandidate, ...]:
    """The kinds of keys that policies can belong to, the likeliest first.

    Args:
        documents: the policies, all of one key.
        account: the key's.
        partition: the key's.
        region: the key's, where known.
        asked: what claims ask of requests.
        services: those that claims name.

    Raises:
        TooManyCellsError: the policies tell too many apart.
    """
    usual = KeyLocation(partition, account, region or home_region(partition), PLACEHOLDER_KEY)
    patterns = tuple(dict.fromkeys(item for document in documents for item in _resources(document)))
    conditions = [item for document in documents for statement in document.statements for item in statement.conditions]
    by_region = [item for item in conditions if fold(item.key) == _REGION]
    by_region_variable = by_organisation = NO_VARIABLE
    if any(map(has_variables, (value for item in conditions for value in item.values))):
        compared = Compared.of(documents, asked, services)
        by_region_variable = compared.with_variable(_REGION) if region is None else NO_VARIABLE
        by_organisation = compared.with_variable(_ORGANISATION)
    regional = _splitters(by_region, by_region_variable)
    locations: dict[KeyLocation, None] = {usual: None}
    if region is None and (by_region or _looks_up(conditions, _REGION) or patterns):
        regions = (*_OTHER_REGIONS[:1], *representatives(_REGION, regional))
        locations.update(dict.fromkeys(replace(usual, region=name) for name in regions))
    locations.update(dict.fromkeys(_told_apart(patterns, usual, region, regional)))
    organisations = tuple(_organisations(conditions, by_organisation))
    unsettled = by_region_variable.unsettled | by_organisation.unsettled
    candidates = [
        KeyCandidate(location, organisation, bool(organisations), unsettled)
        for location, organisation in product(locations, organisations or (None,))
    ]
    if len(candidates) == 1:
        return tuple(candidates)
    found: dict[Hashable, KeyCandidate] = {}
    for candidate in candidates:
        found.setdefault(_behaviour(candidate, documents, conditions), candidate)
    if len(found) > _MAX_CANDIDATES:
        raise TooManyCellsError
    return tuple(found.values())


def _behaviour(
    candidate: KeyCandidate, documents: Iterable[PolicyDocument], conditions: Iterable[Condition]
) -> Hashable:
    """How policies behave on a key, as far as its own properties decide it: alike for those who have it in common."""
    fixed = {_REGION: (candidate.location.region,)}
    if candidate.organisation is not None:
        fixed[_ORGANISATION] = (candidate.organisation,)
    covered = tuple(
        tuple(any(matches_resource(item, candidate.arn, {}, variables=False) for item in listed) for listed in lists)
        for lists in ([_written(item) for item in document.statements] for document in documents)
    )
    held = tuple(
        condition_holds(item, fixed, variables=False)
        for item in conditions
        if fold(item.key) in {_REGION, _ORGANISATION}
    )
    looked_up = tuple(values for key, values in fixed.items() if _looks_up(conditions, key))
    return covered, held, looked_up


def _written(statement: Statement) -> tuple[str, ...]:
    return (*(statement.resources or ()), *(statement.not_resources or ()))


def _told_apart(
    patterns: Sequence[str], usual: KeyLocation, region: str | None, regional: Splitters
) -> Iterator[KeyLocation]:
    """Keys of the account of which each stands for all that the Resources cover alike."""
    if not patterns:
        return
    head = sequence(literal(f"arn:{usual.partition}:kms:"), literal(region) if region else _IN_REGIONS)
    domain = sequence(head, literal(f":{usual.account}:key/"), _ID)
    globs = tuple(
        arn_glob(found) for item in patterns if (found := expand(item, {}, variables=False, wildcards=True)) is not None
    )
    within = tuple(Part(item, ":", 3) for item in (*regional.patterns, *map(literal, regional.texts)))
    for cell in cells((*globs, *within) if region is None else globs, domain=domain):
        yield KeyLocation.of_arn(cell.example)


def _resources(document: PolicyDocument) -> Iterator[str]:
    """Resources that a key's own properties decide; one with a policy variable is told apart by the request."""
    for statement in document.statements:
        for item in _written(statement):
            if item != "*" and not any(
                isinstance(part, Variable) for part in template(item, variables=True, wildcards=True)
            ):
                yield item


def _looks_up(conditions: Iterable[Condition], key: str) -> bool:
    return any(fold(name) == key for item in conditions for value in item.values for name in variable_keys(value))


def _splitters(conditions: Iterable[Condition], variable: OfVariable) -> Splitters:
    splitters = Splitters()
    for condition in conditions:
        splitters.add(condition, variables=False)
    splitters.patterns.update(dict.fromkeys(variable.apart))
    return splitters


def _organisations(conditions: Sequence[Condition], variable: OfVariable) -> Iterator[str | None]:
    """The organizations that the key's account may belong to, as far as policies tell them apart; None for none."""
    compared = [item for item in conditions if fold(item.key) == _ORGANISATION and parse_operator(item.operator)]
    if not compared and not _looks_up(conditions, _ORGANISATION):
        return
    yield OWN_ORGANISATION
    if compared or variable.apart:
        yield from representatives(_ORGANISATION, _splitters(compared, variable))
    yield None
