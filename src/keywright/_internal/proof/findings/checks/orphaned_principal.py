"""KW103: the unique id that a deleted user or role leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.identities import is_unique_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class OrphanedPrincipal(Check):
    """A principal that was deleted."""

    id = "KW103"
    name = "orphaned-principal"
    title = "A principal is the id of a deleted user or role"
    severity = "medium"
    why = (
        "KMS keeps the identity behind a principal's ARN. When the user or role is deleted, what is left is its unique"
        " id, which matches nobody; also not a new role of the same name. KMS refuses the policy when it is written "
        "again."
    )
    remedy = "remove it, or name the role that stands there now; a condition on `aws:PrincipalArn` outlives its role"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "AROAIIAX3XXUTM7QXYZAB"},
 "Action": "kms:Decrypt", "Resource": "*"}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every principal that is a unique id."""
        for statement in policy.statements:
            for principal in (*statement.principals, *statement.not_principals):
                if is_unique_id(principal.principal):
                    yield Hit(
                        principal.path,
                        f"`{principal.value}` is the id of a deleted identity: it matches nobody",
                        statement,
                    )
