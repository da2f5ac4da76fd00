"""KW506: an encryption context that the service doesn't send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.service_pins import unsent_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class UnsentEncryptionContext(Check):
    """A name or a value of the encryption context that a service never sends."""

    id = "KW506"
    name = "unsent-encryption-context"
    title = "The service doesn't send this encryption context"
    severity = "medium"
    why = (
        "The name behind `kms:EncryptionContext:` is the service's own: CloudWatch Logs sends `aws:logs:arn`, "
        "CloudTrail `aws:cloudtrail:arn`. A name with a slip in it is absent from every call, and nothing reports it. "
        "CloudWatch Logs sends the group's ARN as it is, without the `:*` that some tools put behind it."
    )
    remedy = "write the name and the value that the service sends"
    source_url = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"
    bad = """{"Sid": "Logs", "Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
 "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
 "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:log:arn":
  "arn:aws:logs:eu-west-1:111122223333:log-group:app"}}}"""
    good = """{"Sid": "Logs", "Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
 "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
 "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn":
  "arn:aws:logs:eu-west-1:111122223333:log-group:app"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every context for services alone whose name or whose values they don't send."""
        for statement in policy.allows:
            for found in unsent_context(statement):
                yield Hit(found.path, found.why, statement, found.remedy)
