"""KW502: a service pinned by a key that services don't send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.services import HOW_TO_PIN
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.listing import agreeing, listed
from keywright._internal.proof.findings.service_pins import comes_itself, pinned_by_caller, pins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class PinnedByCallerAccount(Check):
    """A service that is let in by the account of the caller alone."""

    id = "KW502"
    name = "pinned-by-caller-account"
    title = "A service pinned by `kms:CallerAccount` alone probably can't use the key"
    severity = "low"
    confidence = "medium"
    why = (
        "When a service calls for itself, `kms:CallerAccount` isn't the account it works for: by all evidence the key "
        "is absent or names an account of AWS. Such a statement keeps every stranger out, and most likely the service "
        "too."
    )
    remedy = "pin the service by `aws:SourceAccount`, or by the condition that AWS documents for it"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html"
    bad = """{"Sid": "Topic", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
 "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
 "Condition": {"StringEquals": {"kms:CallerAccount": "111122223333"}}}"""
    good = """{"Sid": "Topic", "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
 "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
 "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every service of such a statement that no other statement lets in."""
        let_in = {
            principal.value
            for statement in policy.allows
            if pinned_by_caller(statement) is None or pins(statement)
            for principal in statement.principals
            if principal.is_service
        }
        for statement in policy.allows:
            condition = pinned_by_caller(statement)
            if condition is None:
                continue
            services = [item for item in statement.reachable if comes_itself(item) and item.value not in let_in]
            if services:
                lack = agreeing(services, "doesn't", "don't")
                yield Hit(
                    condition.path,
                    f"{listed(item.value for item in services)} probably {lack} send `{condition.name}`, and nothing "
                    f"else lets {agreeing(services, 'it', 'them')} in",
                    statement,
                    remedy=HOW_TO_PIN.get(services[0].service.name),
                )
