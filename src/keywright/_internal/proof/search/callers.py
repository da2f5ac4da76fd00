"""The callers that stand for all: everybody whom a policy names, and somebody of each kind that it doesn't name.

Callers are told apart by the Principal elements and by the conditions on keys that follow from who calls. Two
callers that no policy and no claim tells apart need one to stand for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.policy.document import Condition
from keywright._internal.proof.claims.trust import account_of
from keywright._internal.proof.evaluation.request import Caller, Request, complete_context
from keywright._internal.proof.search import globs
from keywright._internal.proof.search.representatives import Splitters
from keywright._internal.proof.search.shapes import STRANGER_ACCOUNT
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright._internal.policy.document import Principal
    from keywright._internal.proof.search.attributes import Entries, Test, Values

ACCOUNT_KEYS: Final = ("aws:principalaccount", "kms:calleraccount")
ARN_KEY: Final = "aws:principalarn"
NAME_KEY: Final = "aws:username"
SERVICE_KEYS: Final = ("aws:principalservicename", "aws:principalservicenameslist")
DERIVED: Final = frozenset(
    {*ACCOUNT_KEYS, ARN_KEY, NAME_KEY, *SERVICE_KEYS, "aws:principaltype", "aws:principalisawsservice"}
)
"""Keys that follow from the caller, so that no request has them otherwise."""

STRANGER_SERVICE: Final = "other-service.amazonaws.com"
_NAME: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-"
_NAMES: Final = globs.characters(_NAME)
_PATHS: Final = globs.PathDomain(frozenset(_NAME))
_SERVICES: Final = globs.sequence(
    globs.characters("abcdefghijklmnopqrstuvwxyz0123456789-"), globs.literal(".amazonaws.com")
)
_DIGITS: Final = "0123456789"
_UNNAMED: Final = {"role": "role/other-role", "user": "user/other-user", "federated": "federated-user/other"}
_PLACES: Final = {"role": "iam", "user": "iam", "federated": "sts"}


@dataclass(frozen=True, slots=True, eq=False)
class PrincipalClass:
    """A caller, with the context keys that follow from it; each is itself, and equal to no other."""

    caller: Caller
    context: Mapping[str, Values]
    carried: Entries = ()
    """What a request of this caller must say itself, because its name alone doesn't: a session's role's path."""
    named: bool = True
    """False for one that stands for all whom nothing names."""

    @property
    def is_service(self) -> bool:
        """Whether it is an AWS service."""
        return self.caller.kind == "service"

    @property
    def identity(self) -> str:
        """What the caller is at bottom, as of `identity_of`."""
        return identity_of(self.caller)


def identity_of(caller: Caller) -> str:
    """The role of a session, the user of a federated session, or the caller itself."""
    if caller.kind == "role":
        return f"role {caller.account} {fold(caller.name)}"
    return caller.issuer or caller.arn


@dataclass(frozen=True, slots=True)
class Named:
    """Whom policies and claims name."""

    principals: frozenset[Principal]
    tests: tuple[Test, ...]
    """Conditions on keys that follow from the caller."""
    open_to_all: bool
    """Whether some statement is for everybody, services too."""


def who(caller: Caller, resource: str, carried: Entries = (), *, named: bool = True) -> PrincipalClass:
    """A caller with what follows from it."""
    context = complete_context(Request(caller, "kms:Decrypt", resource, dict(carried)))
    kept = {key: values for key, values in context.items() if key in DERIVED}
    return PrincipalClass(caller, kept, carried, named)


@lru_cache(maxsize=512)
def callers(names: Named, resource: str, account: str, partition: str) -> tuple[PrincipalClass, ...]:
    """Callers of which each stands for all like it; those whom something names come first.

    Raises:
        TooManyCellsError: the patterns for callers interlock beyond bounds.
    """
    splitters = _Splitters.of(names.tests)
    known = _named_callers(names, splitters, partition)
    accounts = _accounts(known, names, splitters, account, partition)
    texts = dict.fromkeys(splitters.names.texts)
    for number in accounts:
        for name in texts:
            _add(known, f"arn:{partition}:iam::{number}:user/{name}")
    paths = {(item.account, fold(item.name)): item.arn for item in known if item.kind == "role" and item.path}
    found: dict[Caller, PrincipalClass] = {}
    for caller in known:
        role = paths.get((caller.account, fold(caller.name))) if caller.session is not None else None
        carried: Entries = ((ARN_KEY, (role,)),) if role is not None else ()
        found[caller] = who(caller, resource, carried)
        if caller.kind == "user":
            session = f"arn:{caller.partition}:sts::{caller.account}:federated-user/{caller.name}"
            issued = Caller.parse(session, issuer=caller.arn)
            found[issued] = who(issued, resource)
    for caller in _unnamed(known, accounts, splitters, partition, names):
        found.setdefault(caller, who(caller, resource, named=False))
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class _Splitters:
    """What conditions compare with, by the kind of key."""

    accounts: Splitters
    arns: Splitters
    names: Splitters
    services: Splitters
    spanning: tuple[globs.Glob, ...]
    """Patterns for ARNs that don't say which account they are of."""
    numbers: tuple[str, ...]
    """Accounts that ARNs and patterns for ARNs are of."""

    @classmethod
    def of(cls, tests: Iterable[Test]) -> _Splitters:
        by_key: dict[str, Splitters] = {}
        spanning = Splitters()
        numbers: list[str] = []
        for condition, variables in tests:
            key = fold(condition.key)
            kind = ACCOUNT_KEYS[0] if key in ACCOUNT_KEYS else SERVICE_KEYS[0] if key in SERVICE_KEYS else key
            by_key.setdefault(kind, Splitters()).add(condition, variables=variables)
            if kind != ARN_KEY:
                continue
            for value in condition.values:
                number = account_of(value)
                if number is not None:
                    numbers.append(number)
                elif not _any_account(value):
                    spanning.add(_alone(condition, value), variables=variables)
        empty = Splitters()
        return cls(
            by_key.get(ACCOUNT_KEYS[0], empty),
            by_key.get(ARN_KEY, empty),
            by_key.get(NAME_KEY, empty),
            by_key.get(SERVICE_KEYS[0], empty),
            tuple(spanning.patterns),
            tuple(numbers),
        )


def _any_account(pattern: str) -> bool:
    """Whether a pattern for ARNs has a lone `*` where the account stands, so that it tells no accounts apart."""
    parts = pattern.split(":", 5)
    return len(parts) == 6 and parts[0] == "arn" and parts[4] == "*" and not any("*" in part for part in parts[1:4])  # noqa: PLR2004 - the parts of an ARN


def _alone(condition: Condition, value: str) -> Condition:
    return Condition(condition.operator, condition.key, (value,))


def _add(known: dict[Caller, None], text: str, partition: str = "aws") -> None:
    """Take up whom a text names; what names nobody (a group, an orphaned id, a pattern) is passed over."""
    try:
        known.setdefault(Caller.parse(text, partition=partition))
    except InputError:
        return


def _named_callers(names: Named, splitters: _Splitters, partition: str) -> dict[Caller, None]:
    known: dict[Caller, None] = {}
    for principal in sorted(names.principals, key=lambda item: (item.type, item.value)):
        if principal.type in {"AWS", "Service"} and principal.value != "*":
            _add(known, principal.value, partition)
    for text in splitters.arns.texts:
        if ":assumed-role/" not in text:  # no caller's `aws:PrincipalArn` is a session's ARN
            _add(known, text)
    for text in splitters.services.texts:
        _add(known, text)
    return {caller: None for caller in known if caller.partition in {None, partition}}


def _accounts(
    known: Iterable[Caller], names: Named, splitters: _Splitters, account: str, partition: str
) -> tuple[str, ...]:
    """The key's account, all that are named, and one of each kind that isn't."""
    found = dict.fromkeys([account, *(caller.account for caller in known if caller.account)])
    named = (*splitters.numbers, *splitters.accounts.texts, *(item.value for item in names.principals))
    found |= dict.fromkeys(number for number in map(account_of, named) if number is not None)
    patterns = (*splitters.accounts.patterns, *splitters.spanning)
    if not patterns:
        stranger = next(number for number in _strangers() if number not in found)
        return (*found, stranger)
    head = f"arn:{partition}:iam::"
    starts = [item.start for item in splitters.accounts.patterns]
    starts += [item.run(item.start, head) for item in splitters.spanning]
    return tuple(dict.fromkeys((*found, *globs.prefixes(patterns, starts, _DIGITS, 12))))


def _strangers() -> Iterator[str]:
    yield STRANGER_ACCOUNT
    yield from (str(number) for number in range(999999999998, 0, -1))


def _unnamed(
    known: Iterable[Caller], accounts: Iterable[str], splitters: _Splitters, partition: str, names: Named
) -> Iterator[Caller]:
    """One caller of each kind for all whom nothing names."""
    taken: dict[tuple[str | None, str], list[str]] = {}
    for caller in known:
        taken.setdefault((caller.account, caller.kind), []).append(caller.arn)
    for account in accounts:
        yield Caller.parse(f"arn:{partition}:iam::{account}:root")
        for kind in ("role", "user", "federated"):
            for arn in _arns(
                f"arn:{partition}:{_PLACES[kind]}::{account}:", kind, splitters, taken.get((account, kind))
            ):
                try:
                    yield Caller.parse(arn)
                except InputError as error:
                    raise globs.TooManyCellsError from error
    if names.open_to_all or splitters.services.patterns:
        spoken = [caller.name for caller in known if caller.kind == "service"]
        yield Caller.parse(STRANGER_SERVICE)
        if splitters.services.patterns:
            for cell in globs.cells(tuple(splitters.services.patterns), domain=_SERVICES, apart_from=spoken):
                yield Caller.parse(cell.example)


def _arns(head: str, kind: str, splitters: _Splitters, taken: Iterable[str] | None) -> Iterator[str]:
    """ARNs of one kind in one account that stand for all whom nothing names."""
    usual = head + _UNNAMED[kind]
    start = head + _UNNAMED[kind].partition("/")[0] + "/"
    arns = tuple(item for item in splitters.arns.patterns if item.run(item.start, start))
    by_name = tuple(splitters.names.patterns) if kind == "user" else ()
    if not arns and not by_name:
        yield usual
        return
    tails = [arn[len(start) :] for arn in taken or () if arn.startswith(start)]
    starts = [*(item.run(item.start, start) for item in arns), *(item.start for item in by_name)]
    yield usual
    met = _signs(arns, usual) | _signs(by_name, usual[len(start) :]) << len(arns)
    # A user's name is the end of his ARN's path: where both are compared with, users without a path are looked at.
    domain = _NAMES if by_name or kind == "federated" else _PATHS
    for cell in globs.cells((*arns, *by_name), domain=domain, starts=starts, apart_from=tails):
        if cell.matched != met:
            yield start + cell.example


def _signs(patterns: Iterable[globs.Glob], text: str) -> int:
    return sum(1 << index for index, item in enumerate(patterns) if item.matches(text))
