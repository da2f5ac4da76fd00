"""Calls that carry a policy, with the one retry rule for principals that KMS doesn't know."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from keywright._internal.aws import Cloud, MalformedPolicy
from keywright._internal.lifecycle.target import Target
from keywright._internal.lifecycle.waiting import NotVisibleYet, Waits
from keywright._internal.policy.parsing import parse_policy
from keywright.errors import KeywrightError

T = TypeVar("T")

_PAUSE = 1.0
_SERVICE_LINKED = ":role/aws-service-role/"


def write_policy(cloud: Cloud, target: Target, text: str, waits: Waits, call: Callable[[], T]) -> T:
    """Make a call that carries a policy: the same rule for CreateKey, ReplicateKey and PutKeyPolicy.

    A principal made seconds ago is waited for. One that IAM says doesn't exist ends it at once.

    Raises:
        NotVisibleYet: if KMS doesn't know the principals after all our patience.
        MalformedPolicy: if KMS refuses the policy for another reason.
    """
    begins = waits.clock()
    ends = begins + waits.seconds
    while True:
        waits.check()
        try:
            return call()
        except MalformedPolicy as error:
            if error.kind != "unknown-principals":
                raise
            missing = _missing(cloud, target, text)
            if missing:
                raise KeywrightError(
                    f"the policy of `{target.name}` names what does not exist: "
                    + ", ".join(f"`{arn}`" for arn in missing),
                    _remedy(missing),
                ) from error
            if waits.clock() + _PAUSE > ends:
                raise NotVisibleYet(
                    f"KMS doesn't know a principal of the policy of `{target.name}` "
                    f"after {waits.seconds:.0f} seconds: {', '.join(_identities(text)) or 'none is a role or user'}",
                    "check each of them; where all exist, run the same command again in a minute",
                ) from error
        waits.tell(f"KMS to know the principals of the policy of `{target.name}`", begins, ends)
        waits.pause(_PAUSE)


def _missing(cloud: Cloud, target: Target, text: str) -> tuple[str, ...]:
    """The roles and users of the policy that IAM says don't exist; what it doesn't tell isn't among them."""
    role = target.key.assume_role_arn
    return tuple(arn for arn in _identities(text) if cloud.principal_exists(arn, role) is False)


def _identities(text: str) -> tuple[str, ...]:
    document = parse_policy(text).document
    return tuple(
        sorted(
            {
                item.value
                for statement in document.statements
                for item in (*(statement.principals or ()), *(statement.not_principals or ()))
                if item.type == "AWS" and (":role/" in item.value or ":user/" in item.value)
            }
        )
    )


def _remedy(missing: tuple[str, ...]) -> str:
    linked = [arn for arn in missing if _SERVICE_LINKED in arn]
    if linked:
        service = linked[0].partition(_SERVICE_LINKED)[2].split("/")[0]
        return f"make it first: `aws iam create-service-linked-role --aws-service-name {service}`"
    return "make it first, correct the ARN, or write it as `durable:ARN`, which may come later"
