"""KW105: a principal of another AWS partition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class OtherPartition(Check):
    """A principal that lives in another partition than the key."""

    id = "KW105"
    name = "other-partition"
    title = "A principal is of another partition than the key"
    severity = "high"
    why = (
        "`aws`, `aws-cn` and `aws-us-gov` are apart: no identity of one reaches a key of another. KMS refuses the "
        "policy, because it can't find the principal. It comes from a policy that was copied, or from `arn:aws:` "
        "written by hand."
    )
    remedy = "write the key's own partition"
    source_url = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"
    bad = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws-cn:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*"}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/app"},
 "Action": "kms:Decrypt", "Resource": "*"}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every principal ARN of a partition that isn't the key's."""
        own = policy.home.partition
        if own is None:
            return
        for statement in policy.statements:
            for principal in (*statement.principals, *statement.not_principals):
                parts = principal.value.split(":")
                if parts[0] == "arn" and len(parts) > 1 and parts[1] != own and parts[1].startswith("aws"):
                    yield Hit(
                        principal.path,
                        f"`{principal.value}` is of partition `{parts[1]}`, and the key is in `{own}`",
                        statement,
                    )
