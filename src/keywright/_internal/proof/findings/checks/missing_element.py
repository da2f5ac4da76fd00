"""KW301: a statement without Resource or Action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class MissingElement(Check):
    """A statement that KMS accepts and ignores, because an element is missing."""

    id = "KW301"
    name = "missing-element"
    title = "A statement without Resource or Action has no effect"
    severity = "medium"
    why = (
        "A statement without `Resource` or `Action` has no effect: an Allow gives nothing; a Deny protects nothing, "
        "which is worse, because nobody notices. Since August 2025 KMS refuses such statements; in older policies they "
        "are still there, and such a policy can't be written again as it is."
    )
    remedy = 'add it; `"Resource": "*"` is this key'
    source_url = "https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt"}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every statement that lacks one of the two."""
        for statement in policy.statements:
            body = statement.statement
            for name, found in (
                ("Resource", (body.resources, body.not_resources)),
                ("Action", (body.actions, body.not_actions)),
            ):
                if found == (None, None):
                    yield Hit(
                        statement.path,
                        f"without `{name}` it {statement.does} nothing, and since August 2025 KMS refuses the policy",
                        statement,
                        remedy=None if name == "Resource" else "say in `Action` what it is about",
                        severity=None if statement.allows else "high",
                    )
