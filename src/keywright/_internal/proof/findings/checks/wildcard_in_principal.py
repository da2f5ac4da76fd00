"""KW102: a wildcard as part of a principal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class WildcardInPrincipal(Check):
    """A wildcard inside a principal's name, where it isn't one."""

    id = "KW102"
    name = "wildcard-in-principal"
    title = "A wildcard stands inside a principal"
    severity = "high"
    why = (
        "A principal is a whole name or `*`. KMS refuses a policy whose principal holds a wildcard beside other "
        "characters, and were it stored it would match nobody. Patterns belong into a condition on `aws:PrincipalArn`,"
        " where they do work."
    )
    remedy = "name the account as principal and put the pattern into `ArnLike` on `aws:PrincipalArn`"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app-*"},
 "Action": "kms:Decrypt", "Resource": "*"}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app-*"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every principal that holds a wildcard and something else."""
        for statement in policy.statements:
            for principal in (*statement.principals, *statement.not_principals):
                if principal.is_everybody or not set("*?") & set(principal.value):
                    continue
                yield Hit(
                    principal.path,
                    f"`{principal.value}` matches nobody: a principal can't be a pattern",
                    statement,
                    remedy="name the service in full" if principal.is_service else None,
                )
