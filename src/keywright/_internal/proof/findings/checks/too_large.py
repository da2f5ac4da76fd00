"""KW601: a policy over KMS's quota."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.policy.document import MAX_POLICY_BYTES, size_in_bytes
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView

_MANY = ", ".join(f'"arn:aws:iam::111122223333:role/application-number-{number:04}"' for number in range(640))


class TooLarge(Check):
    """A policy of more bytes than KMS takes."""

    id = "KW601"
    name = "too-large"
    title = "The policy is larger than KMS takes"
    severity = "high"
    why = (
        "A key policy has at most 32,768 bytes; KMS refuses a larger one. The size counted is that without white space."
    )
    remedy = "name fewer principals: an account, or a condition on `aws:PrincipalArn` with a pattern, stands for many"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html"
    bad = f"""{{"Sid": "Use", "Effect": "Allow", "Principal": {{"AWS": [{_MANY}]}},
 "Action": "kms:Decrypt", "Resource": "*"}}"""
    good = """{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
 "Action": "kms:Decrypt", "Resource": "*",
 "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/application-number-*"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """The policy, where it is too large."""
        size = size_in_bytes(policy.document)
        if size > MAX_POLICY_BYTES:
            yield Hit((), f"the policy has {size:,} bytes, and KMS takes {MAX_POLICY_BYTES:,}")
