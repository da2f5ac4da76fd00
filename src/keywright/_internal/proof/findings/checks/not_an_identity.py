"""KW104: a principal that no caller can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.identities import why_nobody

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class NotAnIdentity(Check):
    """A principal that is no user, role, session, account or service."""

    id = "KW104"
    name = "not-an-identity"
    title = "A principal is nobody who can call KMS"
    severity = "high"
    why = (
        "A key policy's principals are accounts, users, roles, sessions and AWS services. Groups, policies, instance "
        "profiles, functions, CloudFront's origin access identities, federated providers and S3's canonical users "
        "aren't, nor is a name with a slip in it. KMS refuses such a policy, without saying which principal it means."
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
                found = why_nobody(principal.principal)
                if found is not None:
                    message = f"`{principal.value}` matches nobody: {found.why}"
                    yield Hit(principal.path, message, statement, remedy=found.remedy)
