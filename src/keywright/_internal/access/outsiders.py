"""Who has access that the snapshot doesn't know: other accounts and organizations, AWS services, everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from keywright._internal.access.question import AccessVerdict
from keywright._internal.access.who_can import PrincipalAccess, WhoCan, named_by
from keywright._internal.proof.claims.trust import account_of
from keywright._internal.proof.claims.trust import named_by as trusted_by
from keywright._internal.proof.evaluation.request import Caller
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.access.snapshot import SnapshotKey

_SOMEBODY: Final = "any-role"
_STRANGERS: Final = tuple(str(number) for number in range(999_999_999_999, 999_999_990_000, -1))


@dataclass(frozen=True, slots=True)
class Outsider:
    """Somebody whose own policies the snapshot doesn't have. A `yes` holds if those allow it."""

    name: str
    """An account, an organization, an ARN, or a service."""
    kind: str
    """`account`, `organization`, `principal`, `service` or `public`."""
    finding: PrincipalAccess


def outsiders(who: WhoCan, key: SnapshotKey, action: str, via: str | None = None) -> Iterator[Outsider]:
    """Principals, accounts and organizations beyond those that were read, which have access or may have it."""
    snapshot, partition = who.snapshot, key.location.partition
    named = named_by(key, action)
    known = snapshot.iam.accounts
    accounts = set(named.accounts)
    if key.policy is not None and named.everybody:
        trust = trusted_by(key.policy.document, key.account)
        accounts |= trust.accounts - {account_of(arn) for arn in (*named.arns, *named.sessions)}
        own = snapshot.iam.organization.id if snapshot.iam.organization is not None else None
        for organization in sorted(trust.organisations - {own or ""}):
            found = who.of_outsider(_stranger(key), key, action, via)
            if found.access is not AccessVerdict.NO:
                yield Outsider(organization, "organization", found)
    for account in sorted(accounts - known):
        found = who.of_outsider(_role(partition, account), key, action, via)
        if found.access is not AccessVerdict.NO:
            yield Outsider(account, "account", found)
    for arn in sorted((*named.arns, *named.sessions)):
        if account_of(arn) in known or account_of(arn) in accounts:
            continue
        try:
            caller = Caller.parse(arn)
        except InputError:
            continue  # nobody: a group, a deleted identity's id, a slip
        found = who.of_outsider(caller, key, action, via)
        if found.access is not AccessVerdict.NO:
            yield Outsider(arn, "principal", found)


def services(who: WhoCan, key: SnapshotKey, action: str) -> Iterator[Outsider]:
    """AWS services that the key policy or a grant names, which have access or may have it."""
    for name in sorted(named_by(key, action).services):
        try:
            caller = Caller.parse(name)
        except InputError:
            continue
        found = who.of_outsider(caller, key, action)
        if found.access is not AccessVerdict.NO:
            yield Outsider(name, "service", found)


def public(who: WhoCan, key: SnapshotKey, action: str, via: str | None = None) -> Outsider | None:
    """Access of everybody: of any account that nothing names, if it gives its own identities leave."""
    if not named_by(key, action).everybody:
        return None
    found = who.of_outsider(_stranger(key), key, action, via, foreign=True)
    return None if found.access is AccessVerdict.NO else Outsider("*", "public", found)


def _stranger(key: SnapshotKey) -> Caller:
    """A role of an account that the policy doesn't name."""
    text = key.policy_text or ""
    account = next(number for number in _STRANGERS if number not in text)
    return _role(key.location.partition, account)


def _role(partition: str, account: str) -> Caller:
    return Caller.parse(f"arn:{partition}:iam::{account}:role/{_SOMEBODY}")
