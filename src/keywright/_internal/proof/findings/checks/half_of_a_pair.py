"""KW508: a publisher with one of the two actions that publishing takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import CRYPTOGRAPHIC, fold
from keywright._internal.facts.services import DATA_KEYS, PUBLISHERS
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.listing import listed
from keywright._internal.proof.findings.service_pins import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.elements import PrincipalView
    from keywright._internal.proof.findings.subject import PolicyView, StatementView

_OF_EVENTS: Final = ("event", "notif", "publish", "queue", "sns", "sqs", "topic")
"""Words of a Sid by which S3's statement is one for event notifications, and not for its inventory."""


class HalfOfAPair(Check):
    """A service that sends to encrypted topics and queues, without the data key or without its decryption."""

    id = "KW508"
    name = "half-of-a-pair"
    title = "Publishing takes a data key and its decryption"
    severity = "medium"
    confidence = "medium"
    why = (
        "A service that sends to an encrypted topic or queue makes a data key with `kms:GenerateDataKey*` and checks "
        "it with `kms:Decrypt`. With one of the two, or with `kms:Encrypt` in their place, alarms, notifications and "
        "messages are lost; only CloudTrail tells. S3's inventory makes data keys alone, so there this is for "
        "statements that are for events by their Sid or by `GenerateDataKey*`."
    )
    remedy = "allow both `kms:GenerateDataKey*` and `kms:Decrypt`"
    source_url = "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"
    bad = """{"Sid": "Alarms", "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"},
 "Action": "kms:GenerateDataKey*", "Resource": "*",
 "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}"""
    good = """{"Sid": "Alarms", "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"},
 "Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*",
 "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every publisher that all statements together give half of what it needs."""
        if policy.key_spec not in {None, "SYMMETRIC_DEFAULT"}:
            return  # KW206 tells of data keys that this key can't make
        given: dict[str, list[tuple[StatementView, PrincipalView]]] = {}
        for statement in policy.allows:
            for principal in statement.reachable:
                if principal.is_service and principal.service.name in PUBLISHERS and statement.uses_the_key:
                    given.setdefault(principal.service.name, []).append((statement, principal))
        for name, places in given.items():
            if any(item.key.startswith(CONTEXT) for statement, _ in places for item in statement.conditions):
                continue  # the key of an event bus or its logs, which is another matter
            covered = frozenset[str]().union(*(statement.covered for statement, _ in places)) & CRYPTOGRAPHIC
            lacking = [
                text
                for text, has in (
                    ("kms:GenerateDataKey*", "kms:GenerateDataKey" in covered),
                    ("kms:Decrypt", "kms:Decrypt" in covered),
                )
                if not has
            ]
            statement, principal = places[0]
            if lacking and (name != "s3" or _is_of_events(statement, covered)):
                message = (
                    f"`{principal.value}` lacks {listed(lacking)}, without which {PUBLISHERS[name]} aren't delivered"
                )
                yield Hit(principal.path, message, statement, f"allow {listed(lacking)} too")


def _is_of_events(statement: StatementView, covered: frozenset[str]) -> bool:
    """Whether S3's statement is for event notifications, as far as it shows: inventories only make data keys."""
    if not covered <= DATA_KEYS:
        return True
    sid = fold(statement.statement.sid or "")
    return any(word in sid for word in _OF_EVENTS) or any(
        item.is_pattern and item.decided <= DATA_KEYS for item in statement.actions
    )
