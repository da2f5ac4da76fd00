"""Administering and using apart, also in several steps; only the named use the key; grants only for AWS resources.

What identities can do through the account's own IAM policies is counted as the account's: the root statement
delegates it as a whole, and a key policy can't say more about it. A statement for everybody of the account, such as
those for callers through one service, makes nobody in particular a user or an administrator.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import ADMINISTRATIVE, CRYPTOGRAPHIC, ESCALATING
from keywright._internal.proof.claims import assumptions
from keywright._internal.proof.claims.built_in.case import FOR_AWS, nobody
from keywright._internal.proof.search.access import AccessMode, Query
from keywright._internal.proof.search.witnesses import WitnessSearch, listed, name_of

if TYPE_CHECKING:
    from keywright._internal.proof.claims.built_in.case import Case
    from keywright._internal.proof.claims.result import ClaimResult
    from keywright._internal.proof.search.boxes import Box
    from keywright._internal.proof.search.callers import PrincipalClass

ADMINISTRATORS: Final = "administrators-cannot-use"
USERS: Final = "users-cannot-administer"
STEPS: Final = "users-cannot-widen-access"
NAMED: Final = "only-named-principals-use"
GRANTS: Final = "grants-only-for-aws-resources"


@dataclass(frozen=True, slots=True)
class Group:
    """Whom one field of a key's declaration names."""

    identities: frozenset[str] = frozenset()
    """As of `PrincipalClass.identity`."""
    accounts: frozenset[str] = frozenset()
    """Accounts as a whole."""
    role_names: tuple[tuple[str, str], ...] = ()
    """Roles by account and pattern of their name, as those of a permission set."""

    def has_individual(self, item: PrincipalClass) -> bool:
        """Whether a caller is named otherwise than by its account."""
        if item.identity in self.identities:
            return True
        caller = item.caller
        return caller.kind == "role" and any(
            caller.account == account and fnmatchcase(caller.name, name) for account, name in self.role_names
        )


@dataclass(frozen=True, slots=True)
class Roles:
    """Whom a key's declaration names, by what it names them for."""

    administrators: Group
    users: Group
    services: frozenset[str]


@dataclass(frozen=True, slots=True)
class DeclaredCallers:
    """Callers by what a key's declaration names them for: told apart once for all claims about duties."""

    administrators: tuple[PrincipalClass, ...]
    """Those named as administrators, otherwise than by their account, and not as users."""
    users: tuple[PrincipalClass, ...]
    """Those named as users, otherwise than by their account, and not as administrators."""
    both: tuple[PrincipalClass, ...]
    """Those named as both, otherwise than by their account."""
    others: tuple[PrincipalClass, ...]
    """Those whom nothing names, but for the account's root user."""

    @classmethod
    def of(cls, case: Case, roles: Roles) -> DeclaredCallers:
        """Tell all callers apart."""
        administrators, users, both, others = [], [], [], []
        for item in case.callers:
            if item.is_service:
                others += [] if item.caller.name in roles.services else [item]
                continue
            account = item.caller.account
            administers, uses = roles.administrators.has_individual(item), roles.users.has_individual(item)
            is_administrator = administers or account in roles.administrators.accounts
            is_user = uses or account in roles.users.accounts
            if administers and uses:
                both.append(item)
            elif administers and not is_user:
                administrators.append(item)
            elif uses and not is_administrator:
                users.append(item)
            elif not (is_administrator or is_user or (item.caller.kind == "root" and case.is_own(item))):
                others.append(item)
        return cls(tuple(administrators), tuple(users), tuple(both), tuple(others))


def administrators_cannot_use(case: Case, callers: DeclaredCallers) -> ClaimResult | None:
    """No administrator uses the key, or grants its use, as the policy is."""
    sentence = "administrators can neither use the key nor grant its use"
    only = callers.administrators
    if not only:
        return None
    grants = case.access.space.where_not(case.of({"kms:CreateGrant"}), FOR_AWS)
    answer = _first(
        case.ask(only, case.of(CRYPTOGRAPHIC), AccessMode.INDIVIDUALLY), case.ask(only, grants, AccessMode.INDIVIDUALLY)
    )
    reason = "the policy gives them no cryptographic action and no grant of one"
    lasting = [
        f"{name} ({what})"
        for name, what in (
            ("kms:PutKeyPolicy", "they may write themselves into the policy"),
            ("kms:ReplicateKey", "a replica has a policy of its own"),
            ("kms:ImportKeyMaterial", "who imports the material knows it"),
        )
        if any(case.access.sight(caller, Query(case.of({name}), AccessMode.INDIVIDUALLY)) for caller in only)
    ]
    if lasting:
        reason += f"; what remains to an administrator by nature, and is logged when it happens, is {listed(lasting)}"
    return nobody(ADMINISTRATORS, sentence, answer, reason + _both(case, callers), _alone(case, case.of(CRYPTOGRAPHIC)))


def users_cannot_administer(case: Case, callers: DeclaredCallers) -> ClaimResult | None:
    """No user changes the key itself, or revokes grants of others."""
    sentence = "users cannot administer the key"
    only = callers.users
    if not only:
        return None
    grants = case.access.space.where_not(case.of({"kms:RevokeGrant"}), FOR_AWS)
    answer = _first(
        case.ask(only, case.of(ADMINISTRATIVE), AccessMode.INDIVIDUALLY),
        case.ask(only, grants, AccessMode.INDIVIDUALLY),
    )
    reason = "the policy gives them no administrative action"
    return nobody(USERS, sentence, answer, reason + _both(case, callers), _alone(case, case.of(ADMINISTRATIVE)))


def users_cannot_widen(case: Case, callers: DeclaredCallers) -> ClaimResult | None:
    """No user reaches more in several steps: by a grant, a new policy, a replica or imported material."""
    sentence = "users cannot widen access in several steps: by grants, a new policy, a replica or imported material"
    only = callers.users
    if not only:
        return None
    grants = case.access.space.where_not(case.of({"kms:CreateGrant"}), FOR_AWS)
    answer = _first(
        case.ask(only, grants, AccessMode.INDIVIDUALLY), case.ask(only, case.of(ESCALATING), AccessMode.INDIVIDUALLY)
    )
    reason = f"they may not call {listed(sorted(ESCALATING))}, and grant, if at all, only for AWS resources"
    return nobody(STEPS, sentence, answer, reason + _both(case, callers), _alone(case, case.of(ESCALATING)))


def only_named_use(case: Case, callers: DeclaredCallers, *, delegates: bool) -> ClaimResult:
    """Nobody uses the key whom neither the declaration nor one of its patterns or statements names.

    Args:
        case: the policy without what its patterns and declared statements allow.
        callers: by what the declaration names them for.
        delegates: whether it leaves the rest to the account's IAM policies.
    """
    sentence = "only the named principals may decrypt with the key, or use it otherwise"
    goal = case.of(CRYPTOGRAPHIC)
    answer = case.ask(callers.others, goal, AccessMode.BY_NAME)
    if delegates:
        reason = "beside them only the account itself, by its IAM policies, as the root statement says"
    else:
        reason = "no statement gives anybody else a cryptographic action"
    return nobody(NAMED, sentence, answer, reason, _alone(case, goal))


def grants_for_aws_only(case: Case, undeclared: Case, *, delegates: bool) -> ClaimResult:
    """Nobody makes grants but for AWS resources, unless a pattern or a statement that the key declares says so."""
    sentence = "grants can be made only for AWS resources"
    others = [caller for caller in case.callers if not (caller.caller.kind == "root" and case.is_own(caller))]
    goal = case.access.space.where_not(case.of({"kms:CreateGrant"}), FOR_AWS)
    answer = undeclared.ask(others, goal, AccessMode.BY_NAME)
    reason = "every statement that gives kms:CreateGrant asks for kms:GrantIsForAWSResource"
    if answer.surely_none and not case.ask(others, goal, AccessMode.BY_NAME).surely_none:
        reason += ", but for a pattern, a statement or a grant that the key declares"
    elif delegates:
        reason += ", but for the account itself by its IAM policies"
    return nobody(GRANTS, sentence, answer, reason, assumptions.of_this_policy_alone(case, goal))


def _alone(case: Case, box: Box) -> str:
    """That what the account as a whole may do isn't counted, and grants aren't."""
    return assumptions.joined(assumptions.of_this_policy_alone(case, box), assumptions.of_grants(case, box))


def _first(*answers: WitnessSearch) -> WitnessSearch:
    """The first that shows a request, else the first that is undecided."""
    shown = (answer for answer in answers if answer.witness is not None)
    open_ = (answer for answer in answers if answer.undecided)
    return next(shown, None) or next(open_, WitnessSearch())


def _both(case: Case, callers: DeclaredCallers) -> str:
    names = listed(name_of(item, case.access) for item in callers.both)
    return f"; {names}, declared as both, isn't counted" if names else ""
