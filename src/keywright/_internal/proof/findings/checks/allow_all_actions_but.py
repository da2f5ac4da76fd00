"""KW205: NotAction with Allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class AllowAllActionsBut(Check):
    """Every action is allowed but those that are listed."""

    id = "KW205"
    name = "allow-all-actions-but"
    title = "`NotAction` with `Allow` gives every other action"
    severity = "high"
    why = (
        "`NotAction` lists what a statement is not about. With `Allow` that gives every other action of KMS: changing "
        "the policy, deleting the key, grants, and whatever AWS adds later. What is listed isn't denied either: "
        "another statement may still allow it."
    )
    remedy = "list in `Action` what is allowed; to forbid something, write a `Deny`"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "NotAction": "kms:ScheduleKeyDeletion", "Resource": "*"}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Allow with NotAction."""
        for statement in policy.allows:
            if statement.statement.not_actions is not None:
                yield Hit(
                    (*statement.path, "NotAction"),
                    "every action is allowed that isn't listed here, `kms:PutKeyPolicy` and future ones among them"
                    if "kms:PutKeyPolicy" in statement.covered
                    else "every action is allowed that isn't listed here, future ones among them",
                    statement,
                )
