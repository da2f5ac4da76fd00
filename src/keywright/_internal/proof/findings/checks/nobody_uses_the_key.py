"""KW310: a policy that gives nobody the use of its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import CRYPTOGRAPHIC
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class NobodyUsesTheKey(Check):
    """No Allow of a cryptographic action, nor of a grant."""

    id = "KW310"
    name = "nobody-uses-the-key"
    title = "Nobody may use the key"
    severity = "low"
    persona = "pedantic"
    why = (
        "A key whose policy gives nobody a cryptographic action, and nobody a grant of one, encrypts and decrypts "
        "nothing. That is right for a key that is being retired; mostly a statement for its users was forgotten, or "
        "none of its conditions can be met."
    )
    remedy = "add a statement for the key's users, or leave it so if the key is no longer used"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html"
    bad = """{"Version": "2012-10-17", "Statement": [
 {"Sid": "Admin", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/admin"},
  "Action": ["kms:PutKeyPolicy", "kms:DescribeKey"], "Resource": "*"}]}"""
    good = """{"Version": "2012-10-17", "Statement": [
 {"Sid": "Admin", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/admin"},
  "Action": ["kms:PutKeyPolicy", "kms:DescribeKey"], "Resource": "*"},
 {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
  "Action": "kms:Decrypt", "Resource": "*"}]}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """The policy, where no Allow with an effect gives somebody the use of the key."""
        using = CRYPTOGRAPHIC | {"kms:CreateGrant"}
        for statement in policy.allows:
            somebody = statement.reachable or statement.not_principals
            if statement.may_have_effect and somebody and statement.covered & using:
                return
        if policy.allows:
            yield Hit(("Statement",), "no statement allows anybody to use the key or to grant its use")
