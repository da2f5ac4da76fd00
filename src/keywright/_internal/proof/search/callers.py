"""The callers that stand for all: everybody whom a policy names, and somebody of each kind that it doesn't name.

Callers are told apart by the Principal elements and by the conditions on keys that follow from who calls. Two
callers that no policy and no claim tells apart need one to stand for them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.facts.key_groups import CALLERS_ACCOUNT
from keywright._internal.policy.document import Condition
from keywright._internal.proof.claims.trust import account_of
from keywright._internal.proof.evaluation.request import Caller, Request, complete_context, role_path
from keywright._internal.proof.search import automata
from keywright._internal.proof.search.automata import Automaton, LastPart, PathAndName, matches, sequence
from keywright._internal.proof.search.cells import TooManyCellsError, cells, prefixes
from keywright._internal.proof.search.representatives import Splitters, typed
from keywright._internal.proof.search.shapes import STRANGER_ACCOUNT
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from keywright._internal.policy.document import Principal
    from keywright._internal.proof.search.attributes import Entries, Test, Values

ARN_KEY: Final = "aws:principalarn"
NAME_KEY: Final = "aws:username"
SERVICE_KEYS: Final = ("aws:principalservicename", "aws:principalservicenameslist")
DERIVED: Final = frozenset(
    {*CALLERS_ACCOUNT, ARN_KEY, NAME_KEY, *SERVICE_KEYS, "aws:principaltype", "aws:principalisawsservice"}
)
"""Keys that follow from the caller, so that no request has them otherwise."""

STRANGER_SERVICE: Final = "other-service.amazonaws.com"
_NAME: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-"
_NAMES: Final = automata.characters(_NAME)
_PATHS: Final = PathAndName(frozenset(_NAME), frozenset(map(chr, range(0x21, 0x7F))) - frozenset("*?/"))
_ANY_PATH: Final = sequence(automata.literal("role/"), automata.characters(_NAME + "/", at_least_one=False))
_LABEL: Final = automata.characters("abcdefghijklmnopqrstuvwxyz0123456789-")
_SERVICES: Final = (
    sequence(_LABEL, automata.literal(".amazonaws.com")),
    sequence(_LABEL, automata.literal("."), _LABEL, automata.literal(".amazonaws.com")),
)
_SESSION: Final = "other-session"
_OTHER_PATH: Final = "/other-path/"
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
    certain: bool = True
    """False where AWS doesn't document that there can be such a caller: the same role in another case, or a session
    that a Principal names by another path than its own."""

    @property
    def is_service(self) -> bool:
        """Whether it is an AWS service."""
        return self.caller.kind == "service"

    @property
    def principal(self) -> Caller:
        """The caller as a Principal is held against it: a session with its role's path, where that is known."""
        return replace(self.caller, path=self.path) if self.carried else self.caller

    @property
    def path(self) -> str | None:
        """The path of the role or user; of a session that of its role, where its request says it."""
        return role_path(self.carried[0][1][0]) if self.carried else self.caller.path

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
    """Those of policies."""
    claimed: frozenset[Principal]
    """Those of claims."""
    by_name: frozenset[Caller]
    """Roles and users whom claims mean whatever their path."""
    tests: tuple[Test, ...]
    """Conditions on keys that follow from the caller."""
    open_to_all: bool
    """Whether some statement is for everybody, services too."""

    @property
    def everybody(self) -> frozenset[Principal]:
        """All principals that are named."""
        return self.principals | self.claimed


def _class(
    caller: Caller, resource: str, role: str | None = None, *, named: bool = True, certain: bool = True
) -> PrincipalClass:
    """A caller with what follows from it, and the ARN of its role that a session doesn't tell."""
    carried: Entries = ((ARN_KEY, (role,)),) if role is not None else ()
    context = complete_context(Request(caller, "kms:Decrypt", resource, dict(carried)))
    kept = {key: values for key, values in context.items() if key in DERIVED}
    return PrincipalClass(caller, kept, carried, named, certain)


@lru_cache(maxsize=512)
def callers(names: Named, resource: str, account: str, partition: str) -> tuple[PrincipalClass, ...]:
    """Callers of which each stands for all like it; those whom something names come first.

    Raises:
        TooManyCellsError: the patterns for callers interlock beyond bounds.
    """
    splitters = _Splitters.of(names.tests)
    known = _named_callers(names, splitters, partition)
    accounts = _accounts(known, names, splitters, account, partition)
    for number in accounts:
        for name in splitters.names.texts:
            _add(known, f"arn:{partition}:iam::{number}:user/{name}")
    roles = _roles(names, partition)
    found = [_class(caller, resource) for caller in known if caller.session is None]
    found += _sessions(known, roles, splitters, resource)
    found += _respelled(roles, known, splitters, resource)
    found += _respelled_sessions(roles, known, splitters, resource)
    found += _by_other_paths(names, known, resource)
    unnamed = [caller for caller in _unnamed(known, accounts, splitters, partition, names) if caller not in known]
    found += [_class(caller, resource, named=False) for caller in unnamed]
    found += _federated(names, [*known, *unnamed], resource, partition)
    return tuple(found)


def _roles(names: Named, partition: str) -> dict[tuple[str, str], dict[Caller, None]]:
    """The roles that Principals name, those of one name in one account together."""
    found: dict[Caller, None] = {}
    for principal in sorted(names.principals, key=lambda item: (item.type, item.value)):
        if principal.type == "AWS" and ":role/" in principal.value:
            _add(found, principal.value)
    together: dict[tuple[str, str], dict[Caller, None]] = {}
    for caller in found:
        if caller.partition == partition:
            together.setdefault((caller.account or "", fold(caller.name)), {})[caller] = None
    return together


def _sessions(
    known: Iterable[Caller],
    roles: Mapping[tuple[str, str], Mapping[Caller, None]],
    splitters: _Splitters,
    resource: str,
) -> Iterator[PrincipalClass]:
    """Sessions, with each role that they may be of, and without: their own ARN doesn't tell the role's path.

    A Principal that is a role's ARN matches every session of that name of which nothing tells the path, though
    `aws:PrincipalArn` then has none: what is only so where the role has a path isn't certain.
    """
    sessions = [caller for caller in known if caller.session is not None]
    of_roles: dict[tuple[str, str], list[Caller]] = {}
    for caller in known:
        if caller.kind == "role" and caller.session is None:
            of_roles.setdefault((caller.account or "", fold(caller.name)), []).append(caller)
    for key, named in roles.items():
        paths = {caller.path for caller in of_roles[key]}
        if len(of_roles[key]) > 1 or (splitters.arns_are_compared and paths != {"/"}):
            role = next(iter(named))
            arn = f"arn:{role.partition}:sts::{role.account}:assumed-role/{role.name}/{_SESSION}"
            yield _class(Caller.parse(arn), resource, certain=paths == {"/"})
    for caller in sessions:
        mine = of_roles.get((caller.account or "", fold(caller.name)), [])
        yield _class(caller, resource, certain={item.path for item in mine} <= {"/"})
        arns = dict.fromkeys(item.arn for item in mine)
        for arn in arns:
            yield _class(caller, resource, arn)
        for arn in _other_paths(caller, splitters, arns):
            yield _class(caller, resource, arn, certain=not mine)


def _other_paths(caller: Caller, splitters: _Splitters, taken: Iterable[str]) -> Iterator[str]:
    """ARNs of a session's role with other paths, as far as conditions tell them apart."""
    head = f"arn:{caller.partition}:iam::{caller.account}:"
    patterns = splitters.arns.patterns_from(head + "role/")
    yield f"{head}role{_OTHER_PATH}{caller.name}"
    if not patterns:
        return
    domain = sequence(_ANY_PATH, automata.literal(f"/{caller.name}"))
    starts = [automata.after(item, head) for item in patterns]
    tails = [arn[len(head) :] for arn in taken]
    for cell in cells(patterns, domain=domain, starts=starts, apart_from=tails):
        arn = head + cell.example
        if "//" not in arn:
            yield arn


def _by_other_paths(names: Named, known: Mapping[Caller, None], resource: str) -> Iterator[PrincipalClass]:
    """Roles and users of the names that claims mean by any path, with one that nothing names.

    Where a policy names one of that name there is no other; that it is that one isn't certain.
    """
    named: dict[Caller, None] = {}
    for principal in names.principals:
        if principal.type == "AWS":
            _add(named, principal.value)
    taken = {(caller.account, caller.kind, fold(caller.name)) for caller in named}
    for caller in sorted(names.by_name, key=lambda item: item.arn):
        other = Caller.parse(f"{caller.arn.removesuffix(f'/{caller.name}')}{_OTHER_PATH}{caller.name}")
        if other not in known:
            yield _class(other, resource, certain=(caller.account, caller.kind, fold(caller.name)) not in taken)


def _respelled(
    roles: Mapping[tuple[str, str], Mapping[Caller, None]],
    known: Mapping[Caller, None],
    splitters: _Splitters,
    resource: str,
) -> Iterator[PrincipalClass]:
    """Roles that Principals name, in another case, where conditions tell them apart by it."""
    if not splitters.arns_are_compared:
        return
    compared = {fold(text) for text in splitters.arns.texts}
    for role in (item for named in roles.values() for item in named):
        head = f"arn:{role.partition}:iam::{role.account}:role{role.path}"
        patterns = [item for item in splitters.arns.patterns if automata.may_match_respelled(item, role.arn)]
        if not patterns and fold(role.arn) not in compared:
            continue
        starts = [automata.after(item, head) for item in patterns]
        spelled = [item.name for item in known if item.arn.startswith(head) and item.path == role.path]
        for cell in cells(patterns, domain=automata.caseless(role.name), starts=starts, apart_from=spelled):
            yield _class(Caller.parse(head + cell.example), resource, certain=False)


def _respelled_sessions(
    roles: Mapping[tuple[str, str], Mapping[Caller, None]],
    known: Mapping[Caller, None],
    splitters: _Splitters,
    resource: str,
) -> Iterator[PrincipalClass]:
    """Sessions in another case of their role's name: named ones, and ones of which nothing tells the path."""
    if not splitters.arns_are_compared:
        return
    for session in [caller for caller in known if caller.session is not None]:
        for arn in _spellings(session, known, splitters, any_path=True):
            yield from _spelled_as(arn, session, resource)
    for role in (item for named in roles.values() for item in named if item.path != "/"):
        arn = f"arn:{role.partition}:sts::{role.account}:assumed-role/{role.name}/{_SESSION}"
        for spelled in _spellings(role, known, splitters, any_path=False):
            yield from _spelled_as(spelled, Caller.parse(arn), resource)


def _spelled_as(role: str, session: Caller, resource: str) -> Iterator[PrincipalClass]:
    """A session of a role, spelled as the role is; a role without a path needs no telling."""
    caller = Caller.parse(role)
    spelled = f"arn:{session.partition}:sts::{session.account}:assumed-role/{caller.name}/{session.session}"
    if spelled != session.arn:
        yield _class(Caller.parse(spelled), resource, role if caller.path != "/" else None, certain=False)


def _spellings(caller: Caller, known: Iterable[Caller], splitters: _Splitters, *, any_path: bool) -> Iterator[str]:
    """ARNs of roles of a caller's name, in each case and maybe path that conditions tell apart."""
    head = f"arn:{caller.partition}:iam::{caller.account}:"
    for item in known:
        mine = item.kind == "role" and item.session is None and item.arn.startswith(head)
        if mine and fold(item.name) == fold(caller.name) and (any_path or item.path == "/"):
            yield item.arn
    name = automata.caseless(caller.name)
    paths = [automata.literal("role/"), *([sequence(_ANY_PATH, automata.literal("/"))] if any_path else [])]
    patterns = splitters.arns.patterns_from(head + "role/")
    if not any_path:
        patterns = tuple(item for item in patterns if automata.may_match_respelled(item, f"{head}role/{caller.name}"))
    starts = [automata.after(item, head) for item in patterns]
    for path in paths if patterns else ():
        for cell in cells(patterns, domain=sequence(path, name), starts=starts):
            if "//" not in cell.example:
                yield head + cell.example


def _federated(names: Named, known: Iterable[Caller], resource: str, partition: str) -> Iterator[PrincipalClass]:
    """Federated sessions of users whom a Principal names: it matches them too."""
    users: dict[Caller, None] = {}
    for principal in sorted(names.everybody, key=lambda item: item.value):
        if principal.type == "AWS" and ":user/" in principal.value:
            _add(users, principal.value)
    sessions = [caller for caller in known if caller.kind == "federated"]
    for user in users:
        if user.kind != "user" or user.partition != partition:
            continue
        mine = [caller.arn for caller in sessions if caller.account == user.account]
        for arn in mine or [f"arn:{user.partition}:sts::{user.account}:federated-user/{user.name}"]:
            yield _class(Caller.parse(arn, issuer=user.arn), resource)


@dataclass(frozen=True, slots=True)
class _Splitters:
    """What conditions compare with, by the kind of key."""

    accounts: Splitters
    arns: Splitters
    names: Splitters
    services: Splitters
    spanning: tuple[Automaton, ...]
    """Patterns for ARNs that don't say which account they are of."""
    numbers: tuple[str, ...]
    """Accounts that ARNs and patterns for ARNs are of."""

    @property
    def arns_are_compared(self) -> bool:
        """Whether some condition looks at a caller's ARN."""
        return bool(self.arns.texts or self.arns.patterns)

    @classmethod
    def of(cls, tests: Iterable[Test]) -> _Splitters:
        by_key: dict[str, Splitters] = {}
        spanning = Splitters()
        numbers: list[str] = []
        for condition, variables in tests:
            key = fold(condition.key)
            kind = CALLERS_ACCOUNT[0] if key in CALLERS_ACCOUNT else SERVICE_KEYS[0] if key in SERVICE_KEYS else key
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
            by_key.get(CALLERS_ACCOUNT[0], empty),
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
    for principal in sorted(names.everybody, key=lambda item: (item.type, item.value)):
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
    named = (*splitters.numbers, *splitters.accounts.texts, *(item.value for item in names.everybody))
    found |= dict.fromkeys(number for number in map(account_of, named) if number is not None)
    of_accounts = splitters.accounts.automata
    patterns = (*of_accounts, *splitters.spanning)
    if not patterns:
        stranger = next(number for number in _strangers() if number not in found)
        return (*found, stranger)
    head = f"arn:{partition}:iam::"
    starts = [item.start for item in of_accounts]
    starts += [automata.after(item, head) for item in splitters.spanning]
    return tuple(dict.fromkeys((*found, *prefixes(patterns, starts, _DIGITS, 12))))


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
            named = [item.name for item in names.by_name if (item.account, item.kind) == (account, kind)]
            head = f"arn:{partition}:{_PLACES[kind]}::{account}:"
            for arn in _arns(head, kind, splitters, taken.get((account, kind)), sorted(named)):
                try:
                    yield Caller.parse(arn)
                except InputError as error:
                    raise TooManyCellsError from error
    if names.open_to_all or splitters.services.patterns:
        spoken = [caller.name for caller in known if caller.kind == "service"]
        yield Caller.parse(STRANGER_SERVICE)
        if splitters.services.patterns:
            for domain in _SERVICES:
                for cell in cells(tuple(splitters.services.patterns), domain=domain, apart_from=spoken):
                    yield Caller.parse(cell.example)


def _arns(
    head: str, kind: str, splitters: _Splitters, taken: Iterable[str] | None, named: Iterable[str]
) -> Iterator[str]:
    """ARNs of one kind in one account that stand for all whom nothing names; and those of some names, by any path."""
    usual = head + _UNNAMED[kind]
    start = head + _UNNAMED[kind].partition("/")[0] + "/"
    arns = splitters.arns.patterns_from(start)
    by_name = _of_names(splitters.names) if kind == "user" else ()
    if arns:
        spelled = (automata.literal, automata.caseless) if kind == "role" else (automata.literal,)
        by_name = (*by_name, *(LastPart(way(name)) for name in named for way in spelled))
    yield usual
    if not arns and not by_name:
        return
    tails = [arn[len(start) :] for arn in taken or () if arn.startswith(start)]
    starts = [*(automata.after(item, start) for item in arns), *(item.start for item in by_name)]
    met = _signs(arns, usual) | _signs(by_name, usual[len(start) :]) << len(arns)
    domain = _NAMES if kind == "federated" else _PATHS
    for cell in cells((*arns, *by_name), domain=domain, starts=starts, apart_from=tails):
        if cell.matched != met:
            yield start + cell.example


def _of_names(names: Splitters) -> tuple[LastPart, ...]:
    """What conditions compare a user's name with, which ends his ARN's path."""
    texts = dict.fromkeys((*names.texts, *typed(names)))
    return tuple(LastPart(item) for item in (*names.automata, *map(automata.literal, texts)))


def _signs(patterns: Iterable[Automaton], text: str) -> int:
    return sum(1 << index for index, item in enumerate(patterns) if matches(item, text))
