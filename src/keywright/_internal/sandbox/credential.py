"""Whom an access key stands for: the root user of an account, an IAM user, or a session of either or of a role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Session:
    """What temporary credentials carry beside the identity that they were made for.

    Args:
        token: the session token that goes with them.
        issued: when they were made, in seconds since 1970.
        expires: when they end, likewise.
        policy: the session policy given in the call that made them; empty for none.
        policy_arns: the managed policies given there as session policies.
        tags: the session's tags, those it has from the session that made it included.
        transitive: the names of those that go on to the next session.
        source_identity: who began the chain of sessions, as the caller said; empty where nobody did.
    """

    token: str
    issued: float
    expires: float
    policy: str = ""
    policy_arns: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    transitive: frozenset[str] = frozenset()
    source_identity: str = ""


@dataclass(frozen=True, slots=True)
class Credential:
    """An access key, with whom it stands for.

    Args:
        account: the account.
        arn: what GetCallerIdentity shows: of a role, the session's ARN.
        user_id: the value of `aws:userid`.
        principal: the ARN of the role or user whose policies count; of a root user, its own.
        session: what temporary credentials carry; None for long-term ones.
        active: whether the access key may be used.
        secret: the secret access key; empty for 12 digits, which have none.
    """

    account: str
    arn: str
    user_id: str
    principal: str
    session: Session | None = None
    active: bool = True
    secret: str = field(default="", repr=False)


def root_of(account: str) -> Credential:
    """The root user of an account, which is whom 12 digits stand for as an access key ID."""
    arn = f"arn:aws:iam::{account}:root"
    return Credential(account, arn, account, arn)
