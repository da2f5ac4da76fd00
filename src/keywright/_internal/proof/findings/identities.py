"""Whether a principal is somebody who can call KMS, and what it is where it isn't.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from keywright._internal.facts.services import missing_path
from keywright._internal.model.arn import Arn

if TYPE_CHECKING:
    from keywright._internal.policy.document import Principal

_SERVICE: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)")
_UNIQUE_ID: Final = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")
_IDENTITY: Final = re.compile(
    r"arn:aws[a-z-]*:(iam::\d{12}:(root|user/.+|role/.+)"
    r"|sts::\d{12}:(assumed-role/[^/]+/[^/]+|federated-user/.+|self))"
)
_RUNS_AS: Final = {
    "codebuild": "project",
    "ec2": "instance",
    "ecs": "task",
    "lambda": "function",
    "states": "state machine",
}
"""Things that call AWS, and do it as a role of theirs."""


class NotAnIdentity(NamedTuple):
    """Why a principal matches nobody, as the end of a sentence, and what to write where that is known."""

    why: str
    remedy: str | None = None


def is_unique_id(principal: Principal) -> bool:
    """Whether it is what KMS shows in place of a deleted user or role."""
    return principal.type == "AWS" and _UNIQUE_ID.fullmatch(principal.value) is not None


@lru_cache(maxsize=4096)
def why_nobody(principal: Principal) -> NotAnIdentity | None:  # noqa: PLR0911 - one return a rule
    """What keeps a principal from being anybody; None for one that may be, a wildcard and a unique id among them."""
    kind, value = principal.type, principal.value
    if set("*?") & set(value) or is_unique_id(principal):
        return None
    if kind == "Federated":
        return NotAnIdentity("federated providers stand in a role's trust policy, not in a key policy")
    if kind == "CanonicalUser":
        return NotAnIdentity("canonical users are known to S3 alone")
    if kind == "Service":
        wrong = NotAnIdentity("it is no service principal such as `logs.eu-west-1.amazonaws.com`")
        return None if _SERVICE.fullmatch(value) else wrong
    if _IDENTITY.fullmatch(value) or re.fullmatch(r"\d{12}", value):
        return None
    if _SERVICE.fullmatch(value):
        return NotAnIdentity(
            'a service stands under `"Service"`, not under `"AWS"`', f'write `{{"Service": "{value}"}}`'
        )
    arn = Arn.find(value)
    return _why_no_identity(value, arn) if arn is not None else _why_no_arn(value)


def path_missing(principal: Principal) -> str | None:
    """The principal with the path that AWS gives such a role, where it stands without one; else None."""
    arn = Arn.find(principal.value)
    if principal.type != "AWS" or arn is None or arn.service != "iam" or not arn.resource.startswith("role/"):
        return None
    role = missing_path(arn.resource.removeprefix("role/"))
    return str(Arn(arn.partition, "iam", arn.region, arn.account, f"role/{role}")) if role is not None else None


def _why_no_arn(value: str) -> NotAnIdentity:
    if "${" in value:
        return NotAnIdentity("a placeholder was left in it, and variables have no meaning in a principal")
    if re.fullmatch(r"\d+", value):
        return NotAnIdentity("an account number has twelve digits", "write all twelve digits, zeros in front too")
    known = re.search(r"(?P<account>\d{12}):?(?P<resource>root|(?:user|role)/.+)", value)
    remedy = f"write `arn:aws:iam::{known['account']}:{known['resource']}`" if known else None
    return NotAnIdentity("it is no ARN of an account, user, role or session, and no account number", remedy)


def _why_no_identity(value: str, arn: Arn) -> NotAnIdentity:  # noqa: PLR0911 - one return a rule
    if arn.service == "iam" and arn.account == "cloudfront":
        return NotAnIdentity(
            "an origin access identity of CloudFront can't use keys",
            "use origin access control: the service `cloudfront.amazonaws.com`, with `StringEquals` on `aws:SourceArn` "
            "and the distribution's ARN",
        )
    kind = arn.resource.partition("/")[0]
    if arn.service == "iam" and kind == "policy":
        return NotAnIdentity("it is a policy, which doesn't call; name the role or user that has it")
    if arn.service == "iam" and kind == "group":
        return NotAnIdentity("a group is no principal; name its users, or a role")
    if arn.service == "iam" and kind == "instance-profile":
        return NotAnIdentity("an instance profile doesn't call; name its role")
    if "${" in value:
        return _why_no_arn(value)
    if arn.service in _RUNS_AS:
        return NotAnIdentity(f"a {_RUNS_AS[arn.service]} is no principal; it calls as its role", "name its role's ARN")
    if arn.service not in {"", "iam", "sts"}:
        return NotAnIdentity(
            f"it is a resource of `{arn.service}`, and no user, role or account",
            "name the role that uses it, or the service as principal with this ARN in `aws:SourceArn`",
        )
    account = next((part for part in (arn.account, arn.region) if re.fullmatch(r"\d{12}", part)), None)
    if account is None:
        return NotAnIdentity("its account isn't twelve digits")
    service = "sts" if kind in {"assumed-role", "federated-user"} else "iam"
    mended = str(Arn(arn.partition, service, "", account, arn.resource.removeprefix(f"{account}:")))
    if _IDENTITY.fullmatch(mended):
        return NotAnIdentity(f"an identity's ARN begins with `arn:{arn.partition}:{service}::`", f"write `{mended}`")
    return NotAnIdentity("it is no ARN of an account, user, role or session, and no account number")
