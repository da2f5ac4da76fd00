"""KW112: a role that AWS makes with a path, named without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.identities import path_missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class RoleWithoutItsPath(Check):
    """A service-linked role or a permission set's role by its bare name."""

    id = "KW112"
    name = "role-without-its-path"
    title = "A role of AWS is named without its path"
    severity = "high"
    why = (
        "Service-linked roles have the path `aws-service-role/SERVICE/`, and the roles of IAM Identity Center's "
        "permission sets `aws-reserved/sso.amazonaws.com/`, with the Region behind it where that isn't us-east-1. A "
        "role's ARN holds the path, so without it there is no such role, and KMS refuses the policy without saying "
        "which principal it means. Only a session's ARN (`assumed-role/NAME/SESSION`) has no path."
    )
    remedy = "write the role's whole ARN; for a permission set compare `aws:PrincipalArn` by `ArnLike` instead"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"
    bad = """{"Sid": "Scaling", "Effect": "Allow",
 "Principal": {"AWS": "arn:aws:iam::111122223333:role/AWSServiceRoleForAutoScaling"},
 "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"}"""
    good = """{"Sid": "Scaling", "Effect": "Allow", "Principal": {"AWS":
 "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"},
 "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every such role among the principals."""
        for statement in policy.statements:
            for principal in (*statement.principals, *statement.not_principals):
                mended = path_missing(principal.principal)
                if mended is not None:
                    yield Hit(
                        principal.path,
                        f"`{principal.value}` doesn't exist: AWS makes this role with a path",
                        statement,
                        remedy=f"write `{mended}`",
                    )
