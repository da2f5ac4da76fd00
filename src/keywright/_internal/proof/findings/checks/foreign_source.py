"""KW503: a service for the resources of another account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import READING
from keywright._internal.proof.claims.trust import account_of
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.service_pins import pins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView

_COLLECTORS = frozenset(
    {
        "cloudtrail",
        "config",
        "delivery.logs",
        "guardduty",
        "logs",
        "replication.dynamodb",
        "s3",
        "storage-lens.s3",
    }
)
"""Services that AWS documents as delivering for many accounts under one key."""


class ForeignSource(Check):
    """A pin that names other accounts, and not the key's own."""

    id = "KW503"
    name = "foreign-source"
    title = "A service comes only for the resources of another account"
    severity = "medium"
    confidence = "medium"
    why = (
        "The source condition of a service says for whose resources it may use the key. Where it names only other "
        "accounts, the service works for them and not for the key's owner. For services that collect logs of many "
        "accounts this is as AWS documents it, and then it is a remark."
    )
    remedy = "name the key's own account"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/least-privilege.html"
    bad = """{"Sid": "Topic", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
 "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
 "Condition": {"StringEquals": {"aws:SourceAccount": "444455556666"}}}"""
    good = """{"Sid": "Topic", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
 "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
 "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every statement for services whose pins name other accounts alone."""
        own = policy.home.account
        if own is None:
            return
        for statement in policy.allows:
            services = [principal.service.name for principal in statement.principals if principal.is_service]
            if not services or len(services) != len(statement.principals) or statement.covered <= READING:
                continue
            for condition in pins(statement):
                accounts = {account_of(value) for value in condition.values}
                if own in accounts or None in accounts:
                    continue
                quiet = all(name in _COLLECTORS for name in services)
                yield Hit(
                    condition.path,
                    f"`{condition.name}` names other accounts than the key's, {own}",
                    statement,
                    severity="low" if quiet else None,
                    persona="pedantic" if quiet else None,
                )
