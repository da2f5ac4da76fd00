"""KW501: a service that may come on anybody's behalf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import READING
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.effects import principal_can_match
from keywright._internal.proof.findings.narrowing import shuts_strangers_out
from keywright._internal.proof.findings.service_pins import documented_without_pin, pins

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView


class ServiceWithoutPin(Check):
    """A service principal with nothing that ties its calls to one's own resources."""

    id = "KW501"
    name = "service-without-pin"
    title = "A service may use the key on anybody's behalf"
    severity = "medium"
    why = (
        "A service works for every AWS customer. Somebody else may point it at this key, and it would use it for him: "
        "the confused deputy. AWS documents for most services what to pin their calls to: `aws:SourceAccount`, "
        "`aws:SourceArn`, or the encryption context that the service sends. Where AWS's own sample has no condition, "
        "because the service sends none, this is a remark."
    )
    remedy = "add `StringEquals` on `aws:SourceAccount` with the key's account, or the condition AWS documents"
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/least-privilege.html"
    bad = """{"Sid": "Trail", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
 "Action": "kms:GenerateDataKey*", "Resource": "*"}"""
    good = """{"Sid": "Trail", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
 "Action": "kms:GenerateDataKey*", "Resource": "*",
 "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every service in an Allow of use that no condition pins, here or in a Deny."""
        for statement in policy.allows:
            if statement.covered <= READING or pins(statement) or statement.conditions_on("kms:calleraccount"):
                continue
            if shuts_strangers_out(policy, statement):
                continue
            for principal in statement.principals:
                if not principal.is_service or not principal_can_match(statement, principal):
                    continue
                quiet = documented_without_pin(principal.value, statement)
                yield Hit(
                    principal.path,
                    f"`{principal.value}` may use the key for resources of any account",
                    statement,
                    severity="low" if quiet else None,
                    persona="pedantic" if quiet else None,
                )
