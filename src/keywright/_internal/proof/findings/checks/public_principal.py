"""KW101: everybody in every AWS account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import READING
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.narrowing import keeps_strangers_out, shuts_strangers_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class PublicPrincipal(Check):
    """An Allow for the wildcard principal with nothing that says who may come."""

    id = "KW101"
    name = "public-principal"
    title = "Everybody in every AWS account is allowed"
    severity = "critical"
    why = (
        "`*` as principal is every identity of every account. Callers of other accounts need permission from their own"
        " administrator too, but that is theirs to give: the key's owner keeps nobody out. A condition helps only "
        "where it names accounts, an organization, a network or identities; a condition on what is asked for, on the "
        "calling service or on the encryption context doesn't."
    )
    remedy = (
        "name the principals, or add `StringEquals` on `kms:CallerAccount`, `aws:PrincipalOrgID` or `aws:PrincipalArn`"
    )
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*"}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333",
  "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every wildcard in an Allow that some stranger's request can meet."""
        for statement in policy.allows:
            if statement.conditions and (keeps_strangers_out(statement) or shuts_strangers_out(policy, statement)):
                continue
            if not statement.conditions and shuts_strangers_out(policy, statement):
                continue
            for principal in statement.reachable:
                if not principal.is_everybody:
                    continue
                reads_only = statement.covered <= READING
                names = ", ".join(f"`{condition.name}`" for condition in statement.conditions)
                yield Hit(
                    principal.path,
                    f"`*` is everybody in every AWS account, and the conditions ({names}) don't say who"
                    if names
                    else "`*` is everybody in every AWS account, and no condition says who",
                    statement,
                    severity="high" if reads_only or statement.conditions else None,
                )
