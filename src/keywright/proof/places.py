"""Which key a policy belongs to, as far as the policy says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from keywright.proof.actions import fold
from keywright.proof.request import parse_key_arn
from keywright.proof.universe import PLACEHOLDER_KEY, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from keywright.policy.document import PolicyDocument

_DEFAULT_REGIONS: Final = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]")
_MAX_PLACES: Final = 4


def places(document: PolicyDocument, account: str, partition: str, region: str | None) -> tuple[Place, ...]:
    """The keys that a policy can belong to: those of the account that its statements name by ARN, or one unnamed.

    Args:
        document: the policy.
        account: the key's.
        partition: the key's.
        region: the key's; where it isn't known, the one that the policy names first.
    """
    named: dict[str, Place] = {}
    for arn in _resources(document):
        key = parse_key_arn(arn)
        if key is None or key.is_alias or (key.account, key.partition) != (account, partition):
            continue
        if region is None or key.region == region:
            named[arn] = Place(account, partition, key.region, arn)
    if named:
        return tuple(named.values())[:_MAX_PLACES]
    where = region or next(_regions(document), None) or _DEFAULT_REGIONS.get(partition, "us-east-1")
    return (Place(account, partition, where, f"arn:{partition}:kms:{where}:{account}:key/{PLACEHOLDER_KEY}"),)


def _resources(document: PolicyDocument) -> Iterator[str]:
    for statement in document.statements:
        yield from (item for item in statement.resources or () if item != "*")


def _regions(document: PolicyDocument) -> Iterator[str]:
    """Regions that the policy names for its key."""
    for arn in _resources(document):
        parts = arn.split(":")
        if len(parts) > 3 and _REGION.fullmatch(parts[3]):  # noqa: PLR2004 - an ARN's Region
            yield parts[3]
    for statement in document.statements:
        for condition in statement.conditions:
            if fold(condition.key) == "aws:requestedregion":
                yield from filter(_REGION.fullmatch, condition.values)
