"""KW501: a service that may come on anybody's behalf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import READING
from keywright._internal.facts.services import HOW_TO_PIN
from keywright._internal.proof.evaluation.conditions import holds_when_absent
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.listing import listed
from keywright._internal.proof.findings.narrowing import keeps_strangers_out, shuts_strangers_out
from keywright._internal.proof.findings.service_pins import (
    comes_itself,
    documented_without_pin,
    pinned_by_caller,
    pins,
    unsent_context,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView, StatementView


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
        """Every Allow of use that no condition pins for its services, here or in a Deny."""
        for statement in policy.allows:
            if statement.covered <= READING or pins(statement) or shuts_strangers_out(policy, statement):
                continue
            if statement.is_for_everybody:
                yield from _let_in_by_absence(statement)
                continue
            if pinned_by_caller(statement) is not None:
                continue  # KW502 says so
            if any(unsent_context(statement)):
                continue  # and KW506
            services = [item for item in statement.reachable if comes_itself(item)]
            loud = [item for item in services if not documented_without_pin(item, statement)]
            if not services:
                continue
            yield Hit(
                (loud or services)[0].path,
                f"{listed(item.value for item in loud or services)} may use the key for resources of any account",
                statement,
                remedy=HOW_TO_PIN.get((loud or services)[0].service.name),
                severity=None if loud else "low",
                persona=None if loud else "pedantic",
            )


def _let_in_by_absence(statement: StatementView) -> Iterator[Hit]:
    """`IfExists` on the caller's account keeps other people out, and lets in services, which needn't send it."""
    if not keeps_strangers_out(statement) or not any(caller == "service" for caller, _ in statement.reach):
        return
    accounts = statement.conditions_on("kms:calleraccount", "aws:principalaccount", "aws:principalarn")
    by_absence = [item for item in accounts if item.operator is not None and holds_when_absent(item.operator)]
    if not by_absence or len(by_absence) != len(accounts):
        return
    yield Hit(
        by_absence[0].path,
        f"a service that calls for itself needn't send {listed(item.name for item in by_absence)}, so every AWS "
        "service may use the key on anybody's behalf",
        statement,
        remedy="write the operator without `IfExists`, and give services statements of their own",
    )
