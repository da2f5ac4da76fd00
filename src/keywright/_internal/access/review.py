"""What somebody signs who reviews access to keys: who can do what with each, what changed, and what nobody uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

from keywright._internal.access.outsiders import outsiders, public, services
from keywright._internal.access.question import AccessVerdict
from keywright._internal.access.rows import conditions, ways

if TYPE_CHECKING:
    from keywright._internal.access.snapshot import SnapshotKey
    from keywright._internal.access.who_can import PrincipalAccess, WhoCan

_T = TypeVar("_T")

UNUSED_AFTER: Final = timedelta(days=90)
"""After how long without use access counts as unused, as AWS's own unused-access analysis does."""

_BEST_FIRST: Final = (AccessVerdict.YES, AccessVerdict.CONDITIONAL, AccessVerdict.UNKNOWN)
_CONTROL: Final = (
    ("administer", ("kms:PutKeyPolicy", "kms:DisableKey")),
    ("delete", ("kms:ScheduleKeyDeletion",)),
    ("grant", ("kms:CreateGrant",)),
)
_USE: Final[Mapping[str | None, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    "SIGN_VERIFY": (("sign", ("kms:Sign",)), ("verify", ("kms:Verify",))),
    "GENERATE_VERIFY_MAC": (("generate MACs", ("kms:GenerateMac",)), ("verify MACs", ("kms:VerifyMac",))),
    "KEY_AGREEMENT": (("derive secrets", ("kms:DeriveSharedSecret",)), ("read the public key", ("kms:GetPublicKey",))),
}
_ENCRYPTION: Final = (("decrypt", ("kms:Decrypt",)), ("encrypt", ("kms:Encrypt", "kms:GenerateDataKey")))


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who can do something with a key."""

    name: str
    kind: str
    """`principal`, `root`, `account`, `organization`, `service` or `public`."""
    access: AccessVerdict
    condition: str = ""
    """What access depends on, or why it is unknown; empty for a plain yes."""
    through: str = ""
    """By which ways, such as `account-and-iam grant`."""
    last_used: str | None = None
    """When the role was last used; None where AWS shows nothing, or it is no role of the snapshot."""
    unused: bool = False
    """Whether it is a role that hasn't been used for long."""


@dataclass(frozen=True, slots=True)
class KeyReview:
    """One key, with who can do what: by capability, such as `decrypt`, each holder once."""

    key: SnapshotKey
    holders: Mapping[str, tuple[Holder, ...]]
    gained: Mapping[str, tuple[str, ...]]
    """By capability, who has access now and hadn't at the last review."""
    lost: Mapping[str, tuple[str, ...]]
    was: Mapping[str, Mapping[str, AccessVerdict]] = field(default_factory=dict)
    """By capability, of whom had access of another kind at the last review, which."""
    is_new: bool = False
    """Whether the last review didn't have the key."""


def review(who: WhoCan, read_at: datetime, since: WhoCan | None = None) -> Iterator[KeyReview]:
    """Every key of a snapshot, in the order of ARNs.

    Args:
        who: answers over the snapshot.
        read_at: when it was made, from which access counts as unused.
        since: answers over the snapshot of the last review.
    """
    for arn, key in sorted(who.snapshot.keys.items()):
        holders = {name: tuple(_holders(who, key, actions, read_at)) for name, actions in capabilities(key)}
        before = since.snapshot.keys.get(arn) if since is not None else None
        gained: dict[str, tuple[str, ...]] = {}
        lost: dict[str, tuple[str, ...]] = {}
        was: dict[str, dict[str, AccessVerdict]] = {}
        if since is not None and before is not None:
            for name, actions in capabilities(key):
                old = {item.name: item.access for item in _holders(since, before, actions, read_at)}
                new = {item.name: item.access for item in holders[name]}
                gained |= _some(name, tuple(sorted(new.keys() - old.keys())))
                lost |= _some(name, tuple(sorted(old.keys() - new.keys())))
                was |= _some(name, {who: old[who] for who in new if who in old and old[who] is not new[who]})
        yield KeyReview(key, holders, gained, lost, was, is_new=since is not None and before is None)


def gone(who: WhoCan, since: WhoCan) -> tuple[str, ...]:
    """The keys that the last review had and that are no longer there."""
    return tuple(sorted(since.snapshot.keys.keys() - who.snapshot.keys.keys()))


def _some(name: str, found: _T) -> dict[str, _T]:
    return {name: found} if found else {}


def capabilities(key: SnapshotKey) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What can be done with a key, each with the actions of which one is enough."""
    return (*_USE.get(key.facts.usage, _ENCRYPTION), *_CONTROL)


def _holders(who: WhoCan, key: SnapshotKey, actions: tuple[str, ...], read_at: datetime) -> Iterator[Holder]:
    best: dict[str, Holder] = {}
    for action in actions:
        for item in _of_action(who, key, action, read_at):
            known = best.get(item.name)
            if known is None or _BEST_FIRST.index(item.access) < _BEST_FIRST.index(known.access):
                best[item.name] = item
    yield from sorted(best.values(), key=lambda item: (item.kind == "principal", item.name))


def _of_action(who: WhoCan, key: SnapshotKey, action: str, read_at: datetime) -> Iterator[Holder]:
    for found in who.findings(key, action):
        kind = "root" if found.member is None else "principal"
        last_used = found.member.principal.last_used if found.member is not None else None
        is_role = found.member is not None and found.member.principal.kind == "role"
        yield Holder(
            found.principal,
            kind,
            found.access,
            _condition(found),
            _through(found),
            last_used,
            is_role and _is_unused(last_used, read_at),
        )
    beyond = [*outsiders(who, key, action), *services(who, key, action)]
    everybody = public(who, key, action)
    for item in (*beyond, *([everybody] if everybody is not None else [])):
        yield Holder(item.name, item.kind, item.finding.access, _condition(item.finding), _through(item.finding))
    for reason in (
        *(["the key policy was not read"] if key.policy is None else []),
        *(["the key's grants were not read"] if key.grants is None else []),
    ):
        yield Holder("anybody", "unread", AccessVerdict.UNKNOWN, reason)


def _through(found: PrincipalAccess) -> str:
    return " ".join(dict.fromkeys(way["way"] for way in ways(found)))


def _condition(found: PrincipalAccess) -> str:
    if found.access is AccessVerdict.UNKNOWN:
        return found.decision.reason
    told = conditions(found)
    return "" if told is None else str(told["summary"])


@lru_cache(maxsize=65536)
def _is_unused(last_used: str | None, read_at: datetime) -> bool:
    """AWS shows the uses of the last 400 days, so a role without one hasn't been used for longer, or is new."""
    return last_used is None or read_at - datetime.fromisoformat(last_used) > UNUSED_AFTER
