"""One step further: who may give themselves access, or take over a principal that has it.

See https://docs.aws.amazon.com/kms/latest/developerguide/determining-access.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from keywright._internal.access.outsiders import outsiders, public
from keywright._internal.access.question import AccessVerdict, OpenStatement, open_statements
from keywright._internal.access.trust_policy import ASSUMING, trust_policy
from keywright._internal.access.who_can import named_in
from keywright._internal.facts.actions import CRYPTOGRAPHIC
from keywright._internal.facts.offerings import grant_operations
from keywright._internal.proof.claims.trust import account_of
from keywright._internal.proof.evaluation.compiled_policy import Subject
from keywright._internal.proof.evaluation.matching import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright._internal.access.circumstances import Circumstances
    from keywright._internal.access.snapshot import Member, SnapshotKey
    from keywright._internal.access.who_can import PrincipalAccess, WhoCan
    from keywright._internal.proof.evaluation.compiled_policy import CompiledPolicy

BY_KEY: Final = ("kms:PutKeyPolicy", "kms:CreateGrant", "kms:ReplicateKey")
"""Actions on the key with which one gives oneself access to it, or to a copy of its material."""

_ASSUME: Final = "sts:AssumeRole"
_POLICIES: Final = {
    "role": ("iam:PutRolePolicy", "iam:AttachRolePolicy"),
    "user": ("iam:PutUserPolicy", "iam:AttachUserPolicy"),
}
"""Actions that give a principal another policy."""

_POLICY_VERSIONS: Final = ("iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion")
"""Actions that give another text to a managed policy that a principal has."""

_TAKING_OVER: Final = {
    "role": ("iam:UpdateAssumeRolePolicy", *_POLICIES["role"]),
    "user": ("iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile", *_POLICIES["user"]),
}
"""Actions that change the trust, the credentials or the policies of a principal that has access."""


@dataclass(frozen=True, slots=True)
class Escalation:
    """A way for a principal to get access that it may not have now."""

    principal: str
    by: str
    """The action that it would call."""
    on: str
    """On what: the key, or a principal."""
    access: AccessVerdict
    """Whether it may call that action."""


def steps(who: WhoCan, key: SnapshotKey, action: str, having: Iterable[PrincipalAccess]) -> Iterator[Escalation]:
    """The steps to an action on a key.

    Args:
        who: answers over the snapshot.
        key: the key.
        action: what is to be called in the end.
        having: who has access already.
    """
    for by in _leading_to(key, action):
        for found in who.findings(key, by):
            yield Escalation(found.principal, by, key.arn, found.access)
        for outsider in (*outsiders(who, key, by), *filter(None, (public(who, key, by),))):
            yield Escalation(outsider.name, by, key.arn, outsider.finding.access)
    for item in having:
        if item.member is not None and item.access is not AccessVerdict.NO:
            yield from _take_over(who, item.member, key)
    if _delegates(key, action):
        yield from _on_oneself(who, key)


def _leading_to(key: SnapshotKey, action: str) -> Iterator[str]:
    """The actions on the key with which one gets to another: not every one is granted, nor every key replicated."""
    facts = key.facts
    for by in BY_KEY:
        grantable = by != "kms:CreateGrant" or action.removeprefix("kms:") in grant_operations()
        replicable = by != "kms:ReplicateKey" or (
            facts.multi_region is not False and facts.multi_region_type != "REPLICA" and action in CRYPTOGRAPHIC
        )
        if by != action and grantable and replicable:
            yield by


def _on_oneself(who: WhoCan, key: SnapshotKey) -> Iterator[Escalation]:
    for kind, actions in _POLICIES.items():
        for by in actions:
            for member in who.snapshot.allowing(by).get(key.account, ()):
                if member.principal.kind == kind:
                    access = _may(who, member, by, member.arn, key)
                    if access is not AccessVerdict.NO:
                        yield Escalation(member.arn, by, member.arn, access)
    for by in _POLICY_VERSIONS:
        for member in who.snapshot.allowing(by).get(key.account, ()):
            own = (policy.arn for policy in member.principal.policies if f"::{key.account}:" in policy.arn)
            for policy in dict.fromkeys(own):
                access = _may(who, member, by, policy, key)
                if access is not AccessVerdict.NO:
                    yield Escalation(member.arn, by, policy, access)


def _take_over(who: WhoCan, target: Member, key: SnapshotKey) -> Iterator[Escalation]:
    for by in _TAKING_OVER[target.principal.kind]:
        for member in who.snapshot.allowing(by).get(target.account, ()):
            access = AccessVerdict.NO if member is target else _may(who, member, by, target.arn, key)
            if access is not AccessVerdict.NO:
                yield Escalation(member.arn, by, target.arn, access)
    trust = None if target.principal.trust is None else trust_policy(target.principal.trust)
    if trust is None:
        return
    for member in _trusted(who, target, trust):
        access = _may_assume(who, member, target, trust, key)
        if access is not AccessVerdict.NO:
            yield Escalation(member.arn, _ASSUME, target.arn, access)
    yield from _from_outside(who, target, trust)


def _from_outside(who: WhoCan, target: Member, trust: CompiledPolicy) -> Iterator[Escalation]:
    """Accounts that weren't read, identity providers and everybody, if they may assume a role with access."""
    known = who.snapshot.iam.accounts
    for by in ASSUMING:
        for statement in trust.allowing(by):
            access = AccessVerdict.CONDITIONAL if statement.conditions else AccessVerdict.YES
            for item in statement.principals or ():
                account = account_of(item.value)
                beyond = item.value == "*" or (account is not None and account not in known)
                if item.type == "Federated" or (by == _ASSUME and item.type == "AWS" and beyond):
                    yield Escalation(item.value, by, target.arn, access)


def _trusted(who: WhoCan, target: Member, trust: CompiledPolicy) -> list[Member]:
    """The principals that a trust policy can be about: whom it names, and of accounts who has an identity policy."""
    snapshot = who.snapshot
    principals = [item for statement in trust.allowing(_ASSUME) for item in statement.principals or ()]
    named = named_in(principals)
    found = {arn: snapshot.members[arn] for arn in named.arns if arn in snapshot.members}
    if named.everybody:
        found.update({item.arn: item for item in snapshot.by_account.get(target.account, ())})
    for account in snapshot.by_account if named.everybody else named.accounts:
        found.update({item.arn: item for item in snapshot.allowing(_ASSUME).get(account, ())})
    return [item for item in found.values() if item is not target]


def _delegates(key: SnapshotKey, action: str) -> bool:
    """Whether the key policy leaves the action to the account, so that an identity policy is enough."""
    if key.policy is None:
        return False
    accounts = {key.account, f"arn:{key.location.partition}:iam::{key.account}:root"}
    return any(
        principal.value in accounts
        for statement in key.policy.allowing(action)
        for principal in statement.principals or ()
    )


def _may(who: WhoCan, member: Member, action: str, resource: str, key: SnapshotKey) -> AccessVerdict:
    """Whether IAM lets a principal call an IAM action on a principal of its account."""
    if not any(policy.allows_action(action) for policy in member.identities):
        return AccessVerdict.NO
    circumstances = who.snapshot.circumstances(member.caller, key, action, member=member)
    return _joined(_sides(who, member, _subject(circumstances, resource), circumstances))


def _may_assume(who: WhoCan, member: Member, target: Member, trust: CompiledPolicy, key: SnapshotKey) -> AccessVerdict:
    """Whether a principal may assume a role: its trust policy decides, alone or with an identity policy."""
    circumstances = who.snapshot.circumstances(member.caller, key, _ASSUME, member=member)
    trusting = open_statements(trust, _subject(circumstances, "*"), circumstances)
    identity, *limits = _sides(who, member, _subject(circumstances, target.arn), circumstances)
    if member.account == target.account:
        direct = [item for item in trusting if item.effect == "Deny" or item.level is not Level.ACCOUNT]
        by_name = _joined([direct, [item for item in identity if item.effect == "Deny"] + [_FREE], *limits])
        if by_name is not AccessVerdict.NO:
            return by_name
    return _joined([trusting, identity, *limits])


_FREE: Final = OpenStatement(0, "Allow", None, ())


def _subject(circumstances: Circumstances, resource: str) -> Subject:
    return Subject(
        circumstances.caller,
        circumstances.action,
        resource,
        circumstances.context,
        circumstances.caller.partition,
        False,
    )


def _sides(who: WhoCan, member: Member, subject: Subject, circumstances: Circumstances) -> list[list[OpenStatement]]:
    """What each side that must allow has to say: identity policies, boundary, service control policies by level."""

    def opened(policies: Iterable[CompiledPolicy]) -> list[OpenStatement]:
        return [item for policy in policies for item in open_statements(policy, subject, circumstances)]

    sides = [opened(member.identities)]
    if member.boundary is not None:
        sides.append(opened([member.boundary]))
    return sides + [opened(level) for level in who.snapshot.service_control(member.account)]


def _joined(sides: Iterable[Iterable[OpenStatement]]) -> AccessVerdict:
    """Every side must allow and none deny."""
    open_somewhere = False
    for side in sides:
        items = list(side)
        if any(item.effect == "Deny" and not item.tests for item in items):
            return AccessVerdict.NO
        allows = [item for item in items if item.effect == "Allow"]
        if not allows:
            return AccessVerdict.NO
        open_somewhere |= all(item.tests for item in allows) or any(item.effect == "Deny" for item in items)
    return AccessVerdict.CONDITIONAL if open_somewhere else AccessVerdict.YES
