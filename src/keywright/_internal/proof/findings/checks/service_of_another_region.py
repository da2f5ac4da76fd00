"""KW507: CloudWatch Logs by a name that doesn't call in the key's Region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright._internal.facts.actions import READING
from keywright._internal.model.arn import Arn
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.service_pins import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright._internal.proof.findings.subject import PolicyView, StatementView


class ServiceOfAnotherRegion(Check):
    """The logs service of another Region than the key or the log groups, or by its global name."""

    id = "KW507"
    name = "service-of-another-region"
    title = "CloudWatch Logs doesn't call by this name in the key's Region"
    severity = "medium"
    why = (
        "CloudWatch Logs calls KMS as `logs.REGION.amazonaws.com`, in the Region of the log group, which is the key's. "
        "Another Region's name, or the name without a Region, isn't the caller, and neither are log groups of another "
        "Region. Associating the key with a log group then fails."
    )
    remedy = "write `logs.REGION.amazonaws.com` with the key's Region, and log groups of the same Region"
    source_url = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"
    bad = """{"Sid": "Logs", "Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"},
 "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
 "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111122223333:*"}}}"""
    good = """{"Sid": "Logs", "Effect": "Allow", "Principal": {"Service": "logs.eu-west-1.amazonaws.com"},
 "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
 "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-west-1:111122223333:*"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Allow for the logs service that can't be met in the key's Region."""
        home = policy.home.region
        everywhere = {region for statement in policy.allows for region in _regions(statement)}
        for statement in policy.allows:
            services = [item for item in statement.principals if item.is_service and item.service.name == "logs"]
            if not services or statement.covered <= READING:
                continue
            own, groups = _regions(statement), _regions_of_groups(statement)
            region = home or next(iter(sorted(groups)), None) or "REGION"
            remedy = f"write `logs.{region}.amazonaws.com`"
            first = services[0]
            if not own:
                message = f"CloudWatch Logs doesn't call as `{first.value}`, but by its Region's name"
                yield Hit(first.path, message, statement, remedy)
            elif home is not None and home not in everywhere:
                yield Hit(first.path, f"`{first.value}` doesn't call in the key's Region, `{home}`", statement, remedy)
            elif groups and not own & groups:
                message = f"`{first.value}` has no log groups in {' or '.join(f'`{name}`' for name in sorted(groups))}"
                yield Hit(first.path, message, statement)


def _regions(statement: StatementView) -> set[str]:
    """The Regions in the names of the logs service."""
    services = (item.service for item in statement.principals if item.is_service)
    return {service.region for service in services if service.name == "logs" and service.region is not None}


def _regions_of_groups(statement: StatementView) -> set[str]:
    """The Regions of the log groups that the statement is for; none where a pattern leaves them open."""
    values = [
        value
        for condition in statement.conditions_on(f"{CONTEXT}aws:logs:arn", "aws:sourcearn")
        if condition.positive
        for value in condition.values
    ]
    regions = {arn.region for value in values if (arn := Arn.find(value)) is not None and arn.service == "logs"}
    return set() if any(set("*?$") & set(region) for region in regions) else regions
