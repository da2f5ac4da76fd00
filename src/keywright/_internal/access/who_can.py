"""Who can call actions on a key: one row for each principal of the snapshot that has access, and for nobody else.

A principal without a row has none: no statement of the key policy and no grant can match it, or every request of it is
denied or not allowed by what stands beside.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from keywright._internal.access.question import AccessDecision, AccessDecisions, AccessVerdict, Question, ask
from keywright._internal.facts.actions import fold
from keywright._internal.model.arn import Arn
from keywright._internal.proof.claims.trust import account_of
from keywright._internal.proof.evaluation.compiled_policy import compiled
from keywright._internal.proof.evaluation.evaluator import ALLOW_ALL
from keywright._internal.proof.evaluation.layers import Layers
from keywright._internal.proof.evaluation.request import Caller
from keywright.errors import InputError

if TYPE_CHECKING:
    from keywright._internal.access.circumstances import Circumstances
    from keywright._internal.access.snapshot import AccessSnapshot, Member, SnapshotKey
    from keywright._internal.estate.iam import OrganizationAccount
    from keywright._internal.policy.document import Principal
    from keywright._internal.proof.evaluation.compiled_policy import CompiledPolicy

_EVERYBODY: Final = "*"
_BY_SESSION: Final = "it depends on the name of the role's session"


@dataclass(frozen=True, slots=True)
class PrincipalAccess:
    """Whether somebody may call an action on a key, with what the answer rests on."""

    principal: str
    action: str
    key: SnapshotKey
    member: Member | None
    decision: AccessDecision
    question: Question | None
    layers: Layers[CompiledPolicy]
    callers_account: OrganizationAccount | None = None
    """The caller's account as the organization has it."""
    key_account: OrganizationAccount | None = None
    """The key's account, likewise."""

    @property
    def access(self) -> AccessVerdict:
        """Yes, conditional, unknown or no."""
        return self.decision.access


@dataclass(frozen=True, slots=True)
class NamedPrincipals:
    """Whom the Allow statements and the grants that can cover an action are about."""

    everybody: bool
    accounts: frozenset[str]
    arns: frozenset[str]
    services: frozenset[str]
    sessions: frozenset[str]
    """ARNs of sessions, and of federated users."""
    grantees: frozenset[str] = frozenset()
    """Accounts that are grantees as a whole."""


@dataclass
class WhoCan:
    """Answers over one snapshot; what is found of one principal serves for others like it."""

    snapshot: AccessSnapshot
    decisions: AccessDecisions = field(default_factory=AccessDecisions)

    def findings(self, key: SnapshotKey, action: str, via: str | None = None) -> Iterator[PrincipalAccess]:
        """The principals of the snapshot that have access to the key, or may have it."""
        named = named_by(key, action)
        for member in self._candidates(key, action, named):
            found = self.of_member(member, key, action, via, named)
            if found.access is not AccessVerdict.NO:
                yield found
        for account in sorted({key.account} & self.snapshot.iam.accounts):
            root = self.of_outsider(_caller(f"arn:{key.location.partition}:iam::{account}:root"), key, action, via)
            if root.access is not AccessVerdict.NO:
                yield root

    def of_member(
        self,
        member: Member,
        key: SnapshotKey,
        action: str,
        via: str | None = None,
        named: NamedPrincipals | None = None,
    ) -> PrincipalAccess:
        """Whether one principal has access; of a role, in any of its sessions."""
        found = self._found(member.caller, key, action, via, member)
        sessions = (named_by(key, action) if named is None else named).sessions
        mine = [item for item in sessions if _is_session_of(item, member)] if sessions else ()
        return _any_of(found, [self._found(_caller(arn), key, action, via, member) for arn in mine])

    def of_outsider(
        self, caller: Caller, key: SnapshotKey, action: str, via: str | None = None, *, foreign: bool = False
    ) -> PrincipalAccess:
        """Whether a caller whose own account isn't known has access, if that account allows it."""
        identities = () if caller.kind in {"service", "root"} else (compiled(ALLOW_ALL, "identity"),)
        layers = Layers(
            key.policy,
            identities,
            self.snapshot.service_control(caller.account or ""),
            self.snapshot.resource_control(key),
        )
        circumstances = self.snapshot.circumstances(caller, key, action, member=None, via=via, foreign=foreign)
        return self._asked(caller.arn, layers, circumstances, key, None)

    def _found(self, caller: Caller, key: SnapshotKey, action: str, via: str | None, member: Member) -> PrincipalAccess:
        layers = self.snapshot.layers(member, key)
        circumstances = self.snapshot.circumstances(caller, key, action, member=member, via=via)
        return self._asked(member.arn, layers, circumstances, key, member)

    def _asked(
        self,
        principal: str,
        layers: Layers[CompiledPolicy],
        circumstances: Circumstances,
        key: SnapshotKey,
        member: Member | None,
    ) -> PrincipalAccess:
        caller, action = circumstances.caller, circumstances.action
        bounded = layers.boundary is not None and caller.kind in {"user", "role"}
        question = ask(layers, key.grants or (), circumstances, bounded=bounded)
        decision = AccessDecision(AccessVerdict.NO) if question is None else self.decisions.decide(question)
        problem = question and (
            (member.problem if member else "") or self.snapshot.odd_policy(caller.account, key.account)
        )
        if problem:
            decision = replace(decision, access=AccessVerdict.UNKNOWN, reason=problem)
        of_account = self.snapshot.organization_account
        accounts = of_account(caller.account or ""), of_account(key.account)
        return PrincipalAccess(principal, action, key, member, decision, question, layers, *accounts)

    def _candidates(self, key: SnapshotKey, action: str, named: NamedPrincipals) -> Iterable[Member]:
        """The principals that a statement or a grant can be about, and that need no more or have an identity policy."""
        snapshot = self.snapshot
        found: dict[str, Member] = {}
        for arn in named.arns:
            found.update(self._members(arn))
        for arn in named.sessions:
            found.update(self._session_owner(arn))
        for account in named.grantees:  # whether its principals need an identity policy isn't documented
            found.update({item.arn: item for item in snapshot.by_account.get(account, ())})
        accounts = snapshot.by_account if named.everybody else named.accounts
        allowing = snapshot.allowing(action) if accounts else {}
        for account in accounts:
            everybody = named.everybody and account == key.account
            for member in snapshot.by_account.get(account, ()) if everybody else allowing.get(account, ()):
                found[member.arn] = member
        return found.values()

    def _members(self, arn: str) -> dict[str, Member]:
        exact = self.snapshot.members.get(arn)
        if exact is not None:
            return {arn: exact}
        wanted = fold(arn)  # role names are compared without case; a slip in a user's case matches nobody
        account = arn.split(":")[4] if arn.count(":") > 4 else ""  # noqa: PLR2004 - where an ARN has it
        return {item.arn: item for item in self.snapshot.by_account.get(account, ()) if fold(item.arn) == wanted}

    def _session_owner(self, arn: str) -> dict[str, Member]:
        account = arn.split(":")[4]
        return {item.arn: item for item in self.snapshot.by_account.get(account, ()) if _is_session_of(arn, item)}


def named_by(key: SnapshotKey, action: str) -> NamedPrincipals:
    """Whom the key policy's Allow statements for an action, and the key's grants, are about."""
    principals: list[Principal] = []
    everybody = False
    if key.policy is not None:
        for statement in key.policy.allowing(action):
            everybody |= statement.not_principals is not None
            principals += statement.principals or ()
    grantees = [
        principal
        for grant in key.grants or ()
        if action.removeprefix("kms:") in grant.operations or action == "kms:RetireGrant"
        for principal in (grant.grantee, grant.retiring)
        if principal is not None
    ]
    named = named_in((*principals, *grantees), everybody=everybody)
    return replace(named, sessions=named.sessions | _sessions(key), grantees=named_in(grantees).accounts)


def _sessions(key: SnapshotKey) -> frozenset[str]:
    """Sessions that any statement names, also to deny or to except them: they fare otherwise than their role."""
    statements = key.policy.document.statements if key.policy is not None else ()
    return frozenset(
        principal.value
        for statement in statements
        for principal in (*(statement.principals or ()), *(statement.not_principals or ()))
        if ":assumed-role/" in principal.value
    )


def named_in(principals: Iterable[Principal], *, everybody: bool = False) -> NamedPrincipals:
    """Whom principals name, by kind."""
    by_kind: dict[str, set[str]] = defaultdict(set)
    for principal in principals:
        kind, name = _kind(principal)
        by_kind[kind].add(name)
    return NamedPrincipals(
        everybody or bool(by_kind["everybody"]),
        frozenset(by_kind["account"]),
        frozenset(by_kind["arn"]),
        frozenset(by_kind["service"]),
        frozenset(by_kind["session"]),
    )


def _kind(principal: Principal) -> tuple[str, str]:
    value = principal.value
    arn = Arn.find(value)
    if principal.type == "Service":
        return "service", value
    if value == _EVERYBODY:
        return "everybody", value
    if arn is None or arn.resource == "root":
        account = account_of(value)
        return ("account", account) if account is not None else ("nobody", value)  # an id of a deleted principal
    return "session" if arn.service == "sts" else "arn", value


def _is_session_of(arn: str, member: Member) -> bool:
    caller = member.caller
    if caller.kind != "role":
        return False
    kind, _, rest = arn.split(":", 5)[5].partition("/")
    same = fold(rest.partition("/")[0]) == fold(caller.name)
    return kind == "assumed-role" and same and arn.split(":")[4] == caller.account


def _any_of(usual: PrincipalAccess, sessions: Sequence[PrincipalAccess]) -> PrincipalAccess:
    """What holds of a role: where sessions of certain names fare otherwise, it depends on the session."""
    every = [usual, *sessions]
    if all(item.access is usual.access for item in every):
        return usual
    met = frozenset(outcome for item in every for outcome in item.decision.outcomes)
    unknown = next((item for item in every if item.access is AccessVerdict.UNKNOWN), None)
    shown = next((item for item in every if True in item.decision.outcomes), unknown or usual)
    refused = next((item for item in every if False in item.decision.outcomes), None)
    decision = AccessDecision(
        AccessVerdict.CONDITIONAL if len(met) > 1 or unknown is None else AccessVerdict.UNKNOWN,
        shown.decision.allowed,
        None if refused is None else refused.decision.denied or {},
        shown.decision.path,
        _BY_SESSION if unknown is None or len(met) > 1 else unknown.decision.reason,
        met,
    )
    return replace(usual, decision=decision, question=shown.question)


def _caller(arn: str) -> Caller:
    try:
        return Caller.parse(arn)
    except InputError:
        return Caller("federated", arn)
