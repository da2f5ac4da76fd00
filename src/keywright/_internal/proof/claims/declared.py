"""The claims of a declared key, and of a bare policy: which ones there are, and who is trusted."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from keywright._internal.model.pattern_use import occurrences
from keywright._internal.model.principal import Durable, PermissionSet, Pinned, parse_principal
from keywright._internal.policy import catalogue
from keywright._internal.policy.document import PolicyDocument, Principal, Statement, as_json
from keywright._internal.policy.generation import SUFFIX_OF_PERMISSION_SET_ROLE, own_statements
from keywright._internal.proof.claims import assumptions
from keywright._internal.proof.claims.built_in import duties, guards, lockout, outsiders, services
from keywright._internal.proof.claims.built_in.case import FOR_AWS, Case
from keywright._internal.proof.claims.claim_text import decide_claim, read_claim
from keywright._internal.proof.claims.grant_statements import active_grants, grant_statements
from keywright._internal.proof.claims.result import ClaimResult, Verdict
from keywright._internal.proof.claims.trust import (
    OWN_ORGANISATION,
    Trust,
    account_of,
    named_by,
    narrowed,
    organisation_of,
)
from keywright._internal.proof.evaluation.request import Caller
from keywright._internal.proof.search.access import Access
from keywright._internal.proof.search.attributes import TooManyValues
from keywright._internal.proof.search.callers import identity_of
from keywright._internal.proof.search.cells import TooManyCellsError
from keywright._internal.proof.search.key_candidates import key_candidates
from keywright._internal.proof.search.request_space import RequestSpace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from keywright._internal.model.grant import Grant
    from keywright._internal.model.key import Key
    from keywright._internal.model.key_location import KeyLocation
    from keywright._internal.proof.claims.claim_text import UserClaim
    from keywright._internal.proof.evaluation.grants import Grant as ActiveGrant
    from keywright._internal.proof.search.attributes import Values
    from keywright._internal.proof.search.key_candidates import KeyCandidate

ALWAYS: Final = (
    (lockout.CHANGEABLE, lockout.CHANGEABLE_SENTENCE),
    (lockout.SURVIVES, lockout.SURVIVES_SENTENCE),
    (outsiders.OUTSIDE, "nobody outside the trusted accounts and organizations can reach the key"),
    (outsiders.ADMINISTRATION, outsiders.ADMINISTRATION_SENTENCE),
)
_SUFFIX: Final = "0123456789abcdef"
"""Stands for the sixteen characters with which IAM Identity Center ends a role's name."""


def prove_key(
    key: Key,
    location: KeyLocation,
    document: PolicyDocument,
    *,
    claims: Sequence[str] = (),
    caller: str | None = None,
    grants: Sequence[Grant] = (),
) -> tuple[ClaimResult, ...]:
    """Every default claim, and the user's own, on the policy of a declared key.

    Args:
        key: the key as declared.
        location: where it lives.
        document: its policy, generated or written by hand.
        claims: the user's own, as text; see `claim_text`.
        caller: the ARN of whoever is about to write the policy, where that is known.
        grants: those that are declared on it, which allow beside the policy.

    Raises:
        InputError: a claim's text isn't understood.
    """
    own = tuple(read_claim(text, account=location.account, partition=location.partition) for text in claims)
    declaration = _Declaration.of(key, location, document)
    granted = grant_statements(grants)
    whole = replace(document, statements=(*document.statements, *granted))
    return prove_for_each_key(
        lambda: key_candidates(
            [whole],
            location.account,
            location.partition,
            location.region,
            asked=[
                *outsiders.conditions(declaration.trust.of_key_in(None)),
                *(item for claim in own for item in claim.conditions()),
            ],
        ),
        lambda key_: _prove_key(declaration, key_, whole, own, caller, active_grants(grants), len(granted)),
        _names(own, caller),
    )


def prove_policy(
    document: PolicyDocument,
    account: str,
    *,
    claims: Sequence[str] = (),
    caller: str | None = None,
    partition: str = "aws",
    region: str | None = None,
    trusted_accounts: Iterable[str] = (),
    trusted_organisations: Iterable[str] = (),
) -> tuple[ClaimResult, ...]:
    """The claims that a bare policy can be held to, and a person's own.

    Args:
        document: the policy.
        account: the key's own.
        claims: a person's own, as text; see `claim_text`.
        caller: the ARN of whoever is about to write the policy, where that is known.
        partition: the key's.
        region: the key's, where known.
        trusted_accounts: in place of those that the policy names.
        trusted_organisations: in place of those that the policy names.

    Raises:
        InputError: a claim's text isn't understood, or nobody calls by the caller's name.
    """
    own = tuple(read_claim(text, account=account, partition=partition) for text in claims)
    caller = Caller.parse(caller, partition=partition).arn if caller is not None else None
    trust = narrowed(named_by(document, account), account, trusted_accounts, trusted_organisations)

    def prove(key: KeyCandidate) -> Iterator[ClaimResult]:
        trusted = trust.of_key_in(key.organisation)
        space = RequestSpace(
            [document],
            key,
            principals=(*(item for claim in own for item in claim.principals()), *_caller(caller)),
            by_name=[item for claim in own for item in claim.names()],
            conditions=(
                FOR_AWS,
                *lockout.conditions(document),
                *outsiders.conditions(trusted),
                *(item for claim in own for item in claim.conditions()),
            ),
        )
        case = Case(Access(space, document), trusted)
        yield from lockout.changeable(case)
        if caller is not None:
            yield lockout.caller_can(case, caller)
        yield outsiders.no_access(case)
        yield outsiders.no_administration(case)
        for number, claim in enumerate(own, 1):
            yield decide_claim(case, claim, f"claim-{number}")

    asked = [*outsiders.conditions(trust.of_key_in(None)), *(item for claim in own for item in claim.conditions())]
    services_ = [item.value for claim in own for item in claim.principals() if item.type == "Service"]
    return prove_for_each_key(
        lambda: key_candidates([document], account, partition, region, asked=asked, services=services_),
        prove,
        _names(own, caller),
    )


# --- What a key's declaration says of its policy ------------------------------------------------------------


@dataclass(frozen=True)
class _Declaration:
    trust: Trust
    roles: duties.Roles
    principals: tuple[Principal, ...]
    patterns: Mapping[str, tuple[Statement, ...]]
    """The statements of each pattern that the key declares."""
    own: tuple[Statement, ...]
    """The statements of one's own that it declares."""
    fixed: Mapping[str, Values]
    is_generated: bool
    delegates: bool

    @classmethod
    def of(cls, key: Key, location: KeyLocation, document: PolicyDocument) -> _Declaration:
        patterns: dict[str, tuple[Statement, ...]] = {}
        for use, number in occurrences(key.patterns) if key.policy is None else ():
            statements = catalogue.expand(use.name, use.parameters, location, occurrence=number)
            patterns[use.name] = (*patterns.get(use.name, ()), *statements)
        own = own_statements(key) if key.policy is None else ()
        return cls(
            trust=_trust_in_written(key, document, location) if key.policy is not None else _trust(key, own, location),
            roles=duties.Roles(
                _group(key.key_administrator_arns, location),
                _group(key.key_user_arns, location),
                frozenset(_services(key, location)),
            ),
            principals=tuple(declared_principals(key, location)),
            patterns=patterns,
            own=own,
            fixed=fixed_by_key(key),
            is_generated=key.policy is None,
            delegates=key.enable_default_root_policy,
        )

    @property
    def guards(self) -> dict[str, tuple[Statement, ...]]:
        """The statements of the patterns that guard deletion."""
        return {name: found for name, found in self.patterns.items() if name in guards.DELETION_GUARDS}

    def by_statements(self, document: PolicyDocument) -> frozenset[int]:
        """The policy's Allows that are declared as statements, its patterns' and one's own, by index."""
        written = (*(item for found in self.patterns.values() for item in found), *self.own)
        allows = [item for item in written if item.effect == "Allow"]
        declared, actions = set(map(_text, allows)), set(map(_listed_actions, allows))
        return frozenset(
            at
            for at, item in enumerate(document.statements)
            if _listed_actions(item) in actions and _text(item) in declared
        )


def _prove_key(
    declaration: _Declaration,
    key: KeyCandidate,
    document: PolicyDocument,
    claims: Sequence[UserClaim],
    caller: str | None,
    grants: tuple[ActiveGrant, ...],
    standing: int,
) -> Iterator[ClaimResult]:
    """The results for one kind of key; the last `standing` statements of the document stand for grants."""
    trust = declaration.trust.of_key_in(key.organisation)
    guarding = PolicyDocument(tuple(item for found in declaration.guards.values() for item in found))
    space = RequestSpace(
        [document, guarding],
        key,
        principals=(
            *declaration.principals,
            *(item for claim in claims for item in claim.principals()),
            *_caller(caller),
        ),
        by_name=[item for claim in claims for item in claim.names()],
        conditions=(
            FOR_AWS,
            *lockout.conditions(document),
            *outsiders.conditions(trust),
            *services.conditions(document, trust),
            *(item for claim in claims for item in claim.conditions()),
        ),
        fixed=declaration.fixed,
    )
    case = Case(Access(space, document, grants=grants, standing=standing), trust)
    count = len(document.statements)
    declared = declaration.by_statements(document) | frozenset(range(count - standing, count))
    undeclared = replace(case, access=case.access.without(declared))
    yield from lockout.changeable(case)
    if caller is not None:
        yield lockout.caller_can(case, caller)
    yield outsiders.no_access(case)
    yield outsiders.no_administration(case)
    yield from _present(services.for_the_trusted_only(case, undeclared))
    if declaration.is_generated:
        yield from _duties(case, undeclared, declaration)
    yield from _present(guards.deletion(case, declaration.guards))
    for number, claim in enumerate(claims, 1):
        yield decide_claim(case, claim, f"claim-{number}")


def _duties(case: Case, undeclared: Case, declaration: _Declaration) -> Iterator[ClaimResult]:
    callers, delegates = duties.DeclaredCallers.of(case, declaration.roles), declaration.delegates
    yield from _present(duties.administrators_cannot_use(case, callers))
    yield from _present(duties.users_cannot_administer(case, callers))
    yield from _present(duties.users_cannot_widen(case, callers))
    yield duties.grants_for_aws_only(case, undeclared, delegates=delegates)
    yield duties.only_named_use(undeclared, callers, delegates=delegates)


def _present(result: ClaimResult | None) -> Iterator[ClaimResult]:
    if result is not None:
        yield result


def _text(statement: Statement) -> str:
    """A statement's meaning-bearing text."""
    return as_json(PolicyDocument((replace(statement, sid=None),)))


def _listed_actions(statement: Statement) -> frozenset[str]:
    """The actions that a statement lists: statements of one text list the same, and most are told apart by them."""
    return frozenset(statement.actions or ())


def _caller(text: str | None) -> list[Principal]:
    return [Principal("AWS", text)] if text is not None else []


def _group(texts: Iterable[str], location: KeyLocation) -> duties.Group:
    """Whom a field of principals names."""
    identities, accounts, role_names = set(), set(), []
    for principal in map(parse_principal, texts):
        match principal:
            case PermissionSet():
                name = f"AWSReservedSSO_{principal.name}_{SUFFIX_OF_PERMISSION_SET_ROLE}"
                role_names.append((principal.account or location.account, name))
            case Pinned() | Durable() if principal.arn.endswith(":root"):
                accounts.add(principal.account)
            case Pinned() | Durable():
                identities.add(identity_of(Caller.parse(principal.arn)))
    return duties.Group(frozenset(identities), frozenset(accounts), tuple(role_names))


def _services(key: Key, location: KeyLocation) -> Iterator[str]:
    """The declared services; one that names a Region is the replica's Region's in a replica's policy."""
    for principal in key.key_service_users:
        label, region, suffix = catalogue.split_service(principal)
        yield principal
        if region is not None:
            yield f"{label}.{location.region}{suffix}"


def declared_principals(key: Key, location: KeyLocation) -> Iterator[Principal]:
    """The principals that a key declares as those of a policy, a permission set by one of its roles."""
    for principal in map(parse_principal, (*key.key_administrator_arns, *key.key_user_arns)):
        match principal:
            case PermissionSet():
                account = principal.account or location.account
                path = f"arn:{location.partition}:iam::{account}:role/aws-reserved/sso.amazonaws.com"
                yield Principal("AWS", f"{path}/AWSReservedSSO_{principal.name}_{_SUFFIX}")
            case Pinned() | Durable():
                yield Principal("AWS", principal.arn)


def _trust(key: Key, own: tuple[Statement, ...], location: KeyLocation) -> Trust:
    """The key's account, and whom the declaration names: as principals, in parameters of patterns and in statements."""
    named = named_by(PolicyDocument(own), location.account)
    accounts, organisations = set(named.accounts), set(named.organisations)
    for principal in map(parse_principal, (*key.key_administrator_arns, *key.key_user_arns)):
        if principal.account is not None:
            accounts.add(principal.account)
    accounts |= _accounts_of_grants(key)
    for use in key.patterns:
        for value in (item for values in use.parameters.values() for item in values):
            for text in re.split(r"[\s,]+", value):
                if (account := account_of(text)) is not None:
                    accounts.add(account)
                if (organisation := organisation_of(text)) is not None:
                    organisations.add(organisation)
    return Trust(frozenset(accounts), frozenset(organisations))


def _trust_in_written(key: Key, document: PolicyDocument, location: KeyLocation) -> Trust:
    """The same of a key whose policy is written by hand."""
    named = named_by(document, location.account)
    return replace(named, accounts=named.accounts | _accounts_of_grants(key))


def _accounts_of_grants(key: Key) -> frozenset[str]:
    """The accounts of those whom the key's grants name."""
    found = (account_of(grant.grantee_principal) for grant in key.grants)
    return frozenset(account for account in found if account is not None)


def fixed_by_key(key: Key) -> dict[str, Values]:
    """The context keys that follow from the key itself; an empty value is an absent key."""
    multi_region = key.multi_region or key.replica_primary_key_arn is not None
    fixed: dict[str, Values] = {
        "kms:keyspec": (key.customer_master_key_spec,),
        "kms:customermasterkeyspec": (key.customer_master_key_spec,),
        "kms:keyusage": (key.key_usage,),
        "kms:customermasterkeyusage": (key.key_usage,),
        "kms:multiregion": ("true" if multi_region else "false",),
    }
    if not multi_region:
        fixed["kms:multiregionkeytype"] = ()
    return fixed


# --- A policy that may be of several keys -------------------------------------------------------------------


def _names(claims: Iterable[UserClaim], caller: str | None) -> list[tuple[str, str]]:
    """Ids and sentences of the claims, for when nothing can be decided."""
    written = [(f"claim-{number}", claim.text) for number, claim in enumerate(claims, 1)]
    return [*ALWAYS, *((lockout.CALLER, lockout.CALLER_SENTENCE),) * (caller is not None), *written]


def prove_for_each_key(
    candidates: Callable[[], Sequence[KeyCandidate]],
    prove: Callable[[KeyCandidate], Iterator[ClaimResult]],
    names: Iterable[tuple[str, str]],
) -> tuple[ClaimResult, ...]:
    """The results for each key that the policy may belong to, where they are the same.

    Args:
        candidates: lists those keys.
        prove: decides the claims for one of them.
        names: ids and sentences of the claims, for when nothing can be decided.
    """
    try:
        keys = candidates()
        first, *others = [tuple(prove(key)) for key in keys]
    except (TooManyCellsError, TooManyValues) as error:
        reason = str(error) or "the policy's patterns interlock in more ways than are followed"
        return tuple(ClaimResult(name, sentence, Verdict.UNKNOWN, reason) for name, sentence in names)
    for key, results in zip(keys[1:], others, strict=True):
        pairs = zip(first, results, strict=True)
        first = tuple(one if one.verdict is other.verdict else _differing(one, keys[0], key) for one, other in pairs)
    return first


_OF_SOMEBODY: Final = frozenset({lockout.CHANGEABLE, lockout.SURVIVES})
"""Claims that somebody can do something: that an organization's members can is enough, where it is said."""


def _differing(result: ClaimResult, one: KeyCandidate, other: KeyCandidate) -> ClaimResult:
    """A claim that holds for one kind of key and not for another."""
    in_organisation = one.organisation == OWN_ORGANISATION and other.organisation is None
    if in_organisation and result.id in _OF_SOMEBODY and result.verdict is Verdict.PROVED:
        return replace(result, assuming=assumptions.joined(result.assuming, assumptions.IN_AN_ORGANISATION))
    if one.organisation != other.organisation:
        what = "the organization of the key's account"
    elif one.location.key_id != other.location.key_id:
        what = "the key's id: a Resource names one"
    else:
        what = "the key's Region"
    reason = f"it depends on what isn't known here: {what}"
    return ClaimResult(result.id, result.claim, Verdict.UNKNOWN, reason)
