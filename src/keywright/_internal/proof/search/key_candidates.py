"""Which key a policy belongs to, as far as the policy says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import fold
from keywright._internal.proof.evaluation.matching import matches_text
from keywright._internal.proof.evaluation.request import is_alias, parse_key_arn
from keywright._internal.proof.evaluation.variables import expand
from keywright._internal.proof.search.request_space import PLACEHOLDER_KEY, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from keywright._internal.policy.document import PolicyDocument

_DEFAULT_REGIONS: Final = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-[0-9]")
_ANYTHING: Final = re.compile(r"\*+")


def places(documents: Sequence[PolicyDocument], account: str, partition: str, region: str | None) -> tuple[Place, ...]:
    """The keys that policies can belong to, as far as their statements tell keys apart.

    Those are the keys of the account that they name by ARN, one that each of their patterns of ARNs covers, and one
    unnamed where they name none. A claim has to hold for each.

    Args:
        documents: the policies, all of one key.
        account: the key's.
        partition: the key's.
        region: the key's; where it isn't known, the one that a policy names first.
    """
    named = (name for document in documents for name in _regions(document))
    where = region or next(named, None) or _DEFAULT_REGIONS.get(partition, "us-east-1")
    found: dict[str, Place] = {}
    for resource in (item for document in documents for item in _resources(document)):
        arn = _covered(resource, account, partition, where)
        key = parse_key_arn(arn)
        if key is None or is_alias(key) or (key.account, key.partition) != (account, partition):
            continue
        if region is None or key.region == region:
            found[arn] = Place(account, partition, key.region, arn)
    if not found or any(statement.not_resources for document in documents for statement in document.statements):
        arn = f"arn:{partition}:kms:{where}:{account}:key/{PLACEHOLDER_KEY}"
        found[arn] = Place(account, partition, where, arn)
    return tuple(found.values())


def _covered(pattern: str, account: str, partition: str, region: str) -> str:
    """A key's ARN that a Resource covers: itself where it is one."""
    if "*" not in pattern and "?" not in pattern:
        return pattern
    parts = pattern.split(":", 5)
    if len(parts) < 6:  # noqa: PLR2004 - an ARN's parts
        return pattern
    likely = ("arn", partition, "kms", region, account, f"key/{PLACEHOLDER_KEY}")
    return ":".join(
        whole if _covers(part, whole) else _ANYTHING.sub("", part).replace("?", "0")
        for part, whole in zip(parts, likely, strict=True)
    )


def _covers(pattern: str, text: str) -> bool:
    expanded = expand(pattern, {}, variables=False, wildcards=True)
    return expanded is not None and matches_text(expanded, text)


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
