"""KW104: a principal that no caller can be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.checks.orphaned_principal import _UNIQUE_ID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView, PrincipalView

_SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)")
_IDENTITY = re.compile(
    r"arn:aws[a-z-]*:(iam::\d{12}:(root|user/.+|role/.+)"
    r"|sts::\d{12}:(assumed-role/[^/]+/[^/]+|federated-user/.+|self))"
)


class NotAnIdentity(Check):
    """A principal that is no user, role, session, account or service."""

    id = "KW104"
    name = "not-an-identity"
    title = "A principal is nobody who can call KMS"
    severity = "high"
    why = (
        "A key policy's principals are accounts, users, roles, sessions and AWS services. Groups, policies, instance "
        "profiles, federated providers and S3's canonical users aren't, nor is a name with a slip in it. KMS refuses "
        "such a policy, without saying which principal it means."
    )
    remedy = "name a user, a role, an account or an AWS service in full"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:group/developers"},
 "Action": "kms:Decrypt", "Resource": "*"}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/developers"},
 "Action": "kms:Decrypt", "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every principal that no caller can be."""
        for statement in policy.statements:
            for principal in (*statement.principals, *statement.not_principals):
                why = _why_nobody(principal)
                if why is not None:
                    yield Hit(principal.path, f"`{principal.value}` matches nobody: {why}", statement)


def _why_nobody(principal: PrincipalView) -> str | None:  # noqa: PLR0911 - one return a rule
    kind, value = principal.principal.type, principal.value
    if set("*?") & set(value):
        return None
    if kind == "Federated":
        return "federated providers stand in a role's trust policy, not in a key policy"
    if kind == "CanonicalUser":
        return "canonical users are known to S3 alone"
    if kind == "Service":
        return (
            None if _SERVICE.fullmatch(value) else "it is no service principal such as `logs.eu-west-1.amazonaws.com`"
        )
    if _UNIQUE_ID.fullmatch(value) or _IDENTITY.fullmatch(value) or re.fullmatch(r"\d{12}", value):
        return None
    if _SERVICE.fullmatch(value):
        return 'a service stands under `"Service"`, not under `"AWS"`'
    return _why_no_arn(value)


def _why_no_arn(value: str) -> str:
    if "${" in value:
        return "a placeholder was left in it, and variables have no meaning in a principal"
    if re.match(r"arn:aws[a-z-]*:iam::\d{12}:group/", value):
        return "a group is no principal; name its users, or a role"
    if re.match(r"arn:aws[a-z-]*:iam::\d{12}:(policy|instance-profile)/", value):
        return "policies and instance profiles don't call; name the role"
    if re.match(r"arn:aws[a-z-]*:(iam|sts)::", value) and not re.match(r"arn:[^:]*:[^:]*::\d{12}:", value):
        return "its account isn't twelve digits"
    return "it is no ARN of an account, user, role or session, and no account number"


def is_somebody(principal: PrincipalView) -> bool:
    """Whether a caller can be this principal: it is well formed, and no deleted identity."""
    value = principal.value
    return not set("*?") & set(value) and not _UNIQUE_ID.fullmatch(value) and _why_nobody(principal) is None
