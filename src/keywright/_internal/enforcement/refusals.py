"""AWS's own words for a request that isn't authorized.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from typing import Final

from keywright._internal.proof.evaluation.decision import Decision, Outcome, PolicyLayer

_NAMES: Final[dict[PolicyLayer, tuple[str, str]]] = {
    "service control policy": ("a", "service control policy"),
    "resource control policy": ("a", "resource control policy"),
    "endpoint policy": ("a", "VPC endpoint policy"),
    "identity policy": ("an", "identity-based policy"),
    "permissions boundary": ("a", "permissions boundary"),
    "session policy": ("a", "session policy"),
    "key policy": ("a", "resource-based policy"),
}

_BY_CIPHERTEXT: Final = "on the resource associated with this ciphertext"

_HIDDEN: Final = (
    "because the resource does not exist in this Region, no resource-based policies allow access, or a "
    "resource-based policy explicitly denies access"
)
"""What a caller of another account is told, so that nobody learns which keys an account has."""

_OF_KEY: Final = frozenset({"key policy", "resource control policy"})


def access_denied(caller: str, action: str, resource: str, decision: Decision, *, own: bool) -> str:
    """The message of AccessDeniedException.

    Args:
        caller: the caller's ARN.
        action: the action that was asked for.
        resource: the key's ARN, `*` where there is none; empty where only the ciphertext tells it.
        decision: what was decided.
        own: whether the caller's account is the key's.
    """
    if not own and decision.refused_by in _OF_KEY:
        return key_is_hidden(caller, action, resource)
    where = f"on resource: {resource}" if resource else _BY_CIPHERTEXT
    return f"User: {caller} is not authorized to perform: {action} {where} {_why(action, decision)}"


def key_is_hidden(caller: str, action: str, named: str) -> str:
    """The message for a key of another account that doesn't let the caller in, or isn't there.

    Args:
        caller: the caller's ARN.
        action: the action that was asked for.
        named: the key as the request names it; empty where only the ciphertext tells it.
    """
    where = "on this resource" if named else _BY_CIPHERTEXT
    return f"User: {caller} is not authorized to perform: {action} {where} {_HIDDEN}"


def no_such_key(account: str, region: str, named: str) -> str:
    """The message of NotFoundException for a key or alias that an account doesn't have."""
    place = f"arn:aws:kms:{region}:{account}:"
    if "alias/" in named:
        return f"Alias {place}{named[named.index('alias/') :]} is not found."
    return f"Key '{place}key/{named.rpartition('/')[2]}' does not exist"


def _why(action: str, decision: Decision) -> str:
    article, name = _NAMES[decision.refused_by or "key policy"]
    if decision.outcome is Outcome.EXPLICITLY_DENIED:
        return f"with an explicit deny in {article} {name}"
    return f"because no {name} allows the {action} action"
