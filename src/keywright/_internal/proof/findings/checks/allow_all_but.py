"""KW106: NotPrincipal with Allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class AllowAllBut(Check):
    """Everybody is allowed but those who are named."""

    id = "KW106"
    name = "allow-all-but"
    title = "`NotPrincipal` with `Allow` lets in everybody else"
    severity = "critical"
    why = (
        "`NotPrincipal` names who is left out. With `Allow` that lets in every other identity of every AWS account. "
        "IAM documents `NotPrincipal` for `Deny` alone."
    )
    remedy = "name in `Principal` who is allowed"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/guest"},
 "Action": "kms:Decrypt", "Resource": "*"}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Allow with NotPrincipal."""
        for statement in policy.allows:
            if statement.statement.not_principals is not None:
                yield Hit(
                    (*statement.path, "NotPrincipal"),
                    "everybody in every AWS account is allowed, except those named here",
                    statement,
                )
