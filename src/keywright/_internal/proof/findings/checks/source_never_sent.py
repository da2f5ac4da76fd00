"""KW505: a source condition for a service that sends no source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import READING, fold
from keywright._internal.facts.key_groups import SOURCE
from keywright._internal.facts.services import HOW_TO_PIN
from keywright._internal.model.arn import Arn
from keywright._internal.proof.findings.check import Check, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.elements import ConditionView
    from keywright._internal.proof.findings.subject import PolicyView, StatementView


class SourceNeverSent(Check):
    """EventBridge or an event data store of CloudTrail, pinned by a source."""

    id = "KW505"
    name = "source-never-sent"
    title = "The service sends no source here, so it is never let in"
    severity = "medium"
    confidence = "medium"
    why = (
        "EventBridge sends neither `aws:SourceAccount` nor `aws:SourceArn` when it delivers to an encrypted topic, and "
        "CloudTrail sends none for event data stores. AWS documents both without a condition; with one, the delivery "
        "fails and nothing says why. An event bus's own key is different: there the bus's ARN comes as source and as "
        "encryption context."
    )
    remedy = "remove the condition, or give the service a statement of its own without it"
    source_url = "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"
    bad = """{"Sid": "Events", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
 "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*",
 "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}"""
    good = """{"Sid": "Events", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
 "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*",
 "Condition": {"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn":
  "arn:aws:sns:eu-west-1:111122223333:alerts"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Allow of use for such a service that demands a source."""
        for statement in policy.allows:
            sources = [item for item in statement.conditions_on(*SOURCE) if item.positive]
            if not sources or statement.covered <= READING:
                continue
            names = {item.service.name for item in statement.reachable if item.is_service}
            if "events" in names and not _is_about_a_bus(statement):
                quiet = _may_work(statement, sources)
                yield Hit(
                    sources[0].path,
                    f"EventBridge sends no `{sources[0].name}` to encrypted topics, so its deliveries fail",
                    statement,
                    _remedy(statement),
                    severity="low" if quiet else None,
                    confidence="low" if quiet else None,
                    persona="pedantic" if quiet else None,
                )
            elif "cloudtrail" in names and any(map(_names_a_data_store, sources)):
                message = f"CloudTrail sends no `{sources[0].name}` for event data stores"
                yield Hit(sources[0].path, message, statement)


def _may_work(statement: StatementView, sources: list[ConditionView]) -> bool:
    """Whether it is for a bus, which is described before it is used, or for a queue, where AWS's pages differ."""
    sid = fold(statement.statement.sid or "")
    for_a_queue = any(word in sid for word in ("queue", "sqs")) and {item.key for item in sources} == {"aws:sourcearn"}
    return for_a_queue or "kms:DescribeKey" in statement.covered


def _remedy(statement: StatementView) -> str:
    if len(statement.principals) > 1:
        return f"give EventBridge a statement of its own, and {HOW_TO_PIN['events']}"
    return HOW_TO_PIN["events"]


def _is_about_a_bus(statement: StatementView) -> bool:
    return any(
        condition.key.startswith("kms:encryptioncontext:") or _resources(condition, "event-bus/")
        for condition in statement.conditions
    )


def _names_a_data_store(condition: ConditionView) -> bool:
    return _resources(condition, "eventdatastore/")


def _resources(condition: ConditionView, start: str) -> bool:
    found = [Arn.find(value) for value in condition.values]
    return bool(found) and all(arn is not None and arn.resource.startswith(start) for arn in found)
