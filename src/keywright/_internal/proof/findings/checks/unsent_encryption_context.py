"""KW506: an encryption context that the service doesn't send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.model.arn import Arn
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.service_pins import CONTEXT, unsent_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.elements import ConditionView
    from keywright._internal.proof.findings.subject import PolicyView, StatementView

_OF_LOGS = f"{CONTEXT}aws:logs:arn"
_GROUP = "log-group:"


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
            for condition, sent in unsent_context(statement):
                services = " or ".join(f"`{item.value}`" for item in statement.principals)
                message = f"{services} sends no `{condition.name}`, so it is never let in"
                yield Hit(condition.path, message, statement, f"write `kms:EncryptionContext:{sent}`")
            for condition in statement.conditions_on(_OF_LOGS):
                yield from _groups(statement, condition)


def _groups(statement: StatementView, condition: ConditionView) -> Iterator[Hit]:
    """A log group's name holds no colon, so that with something behind a second colon no group is meant."""
    wrong = [value for value in condition.values if _has_a_tail(value)]
    if wrong and condition.positive and len(wrong) == len(condition.values):
        mended = f"{wrong[0].rpartition(_GROUP)[0]}{_GROUP}{wrong[0].rpartition(_GROUP)[2].partition(':')[0]}"
        message = f"`{wrong[0]}` is no log group's ARN: CloudWatch Logs sends it without anything behind the name"
        yield Hit((*condition.path, condition.values.index(wrong[0])), message, statement, f"write `{mended}`")


def _has_a_tail(value: str) -> bool:
    arn = Arn.find(value)
    return arn is not None and arn.resource.startswith(_GROUP) and ":" in arn.resource.removeprefix(_GROUP)
