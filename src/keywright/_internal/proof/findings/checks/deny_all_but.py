"""KW107: NotPrincipal with Deny."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class DenyAllBut(Check):
    """A Deny whose exceptions don't hold for all whom they name."""

    id = "KW107"
    name = "deny-all-but"
    title = "`NotPrincipal` with `Deny` also denies those it names"
    severity = "medium"
    why = (
        "The Deny spares a session only where its role and its account are named beside it, and it never spares a user"
        " or role with a permissions boundary, even when named. IAM advises against it."
    )
    remedy = "deny `*` with `ArnNotEquals` on `aws:PrincipalArn`, which spares exactly the identities it lists"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html"
    bad = """{"Sid": "NoDeletion", "Effect": "Deny",
 "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/break-glass"},
 "Action": "kms:ScheduleKeyDeletion", "Resource": "*"}"""
    good = """{"Sid": "NoDeletion", "Effect": "Deny", "Principal": "*",
 "Action": "kms:ScheduleKeyDeletion", "Resource": "*",
 "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/break-glass"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Deny with NotPrincipal."""
        for statement in policy.denies:
            if statement.statement.not_principals is not None:
                yield Hit(
                    (*statement.path, "NotPrincipal"),
                    "this Deny reaches further than it reads: also principals named here, where they have a "
                    "permissions boundary or where their account isn't named too",
                    statement,
                )
