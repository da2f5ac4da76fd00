"""KW309: a Deny by network that also meets AWS services, or every administrator elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keywright._internal.facts.actions import CONTROLLING, CRYPTOGRAPHIC
from keywright._internal.facts.key_groups import CALLERS_IDENTITY
from keywright._internal.proof.evaluation.conditions import condition_holds
from keywright._internal.proof.findings.check import Check, Hit
from keywright._internal.proof.findings.denials import networks
from keywright._internal.proof.findings.listing import listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright._internal.proof.findings.elements import ConditionView
    from keywright._internal.proof.findings.subject import PolicyView, StatementView

_THROUGH_A_SERVICE: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:viaawsservice": ("true",),
    "aws:principalisawsservice": ("false",),
    "kms:viaservice": ("s3.us-east-1.amazonaws.com",),
    "aws:calledvia": ("s3.amazonaws.com",),
    "aws:calledviafirst": ("s3.amazonaws.com",),
    "aws:calledvialast": ("s3.amazonaws.com",),
}
_BY_A_SERVICE: Final[Mapping[str, tuple[str, ...]]] = {
    "aws:viaawsservice": ("false",),
    "aws:principalisawsservice": ("true",),
}


class DenyByNetwork(Check):
    """A Deny for everybody who comes from elsewhere than some network."""

    id = "KW309"
    name = "deny-by-network"
    title = "A Deny by network stops AWS services or locks administrators out"
    severity = "medium"
    why = (
        "When S3, EBS or another service uses the key for somebody, its call comes from AWS's network: it carries no "
        "VPC endpoint, and not the caller's address. A Deny for all but some network meets these calls too, so that "
        "encrypted buckets, volumes and queues stop working. Where it also covers the policy, nobody who is elsewhere "
        "can lift it; a wrong VPC id locks the key for good. AWS's own sample denies only use, for keys that are "
        "called directly; there this is a remark."
    )
    remedy = (
        "add `Bool` with `false` on `aws:ViaAWSService` and `aws:PrincipalIsAWSService`, and spare the administrators "
        "with `ArnNotLike` on `aws:PrincipalArn`"
    )
    source_url = "https://docs.aws.amazon.com/kms/latest/developerguide/vpce-policy-condition.html"
    bad = """{"Sid": "Network", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
 "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1234abcdf5678c90a"}}}"""
    good = """{"Sid": "Network", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
 "Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1234abcdf5678c90a"},
  "Bool": {"aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": "false"},
  "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/admin"}}}"""

    def look(self, policy: PolicyView) -> Iterator[Hit]:
        """Every Deny for the whole account whose network nobody and nothing is spared from."""
        services = _serves(policy)
        for deny in policy.denies:
            by_network = networks(deny)
            if not by_network or not deny.surely_has_effect or not any(item.is_whole_home for item in deny.principals):
                continue
            locks = bool(deny.covered & CONTROLLING) and not any(map(_spares_identities, deny.conditions))
            breaks = bool(deny.covered & CRYPTOGRAPHIC) and _meets(deny, _THROUGH_A_SERVICE)
            stops = bool(deny.covered & CRYPTOGRAPHIC) and "itself" in services and _meets(deny, _BY_A_SERVICE)
            if not locks and not breaks and not stops:
                continue
            quiet = not locks and not stops and "for callers" not in services
            told = []
            if breaks or stops:
                told.append("AWS services that use the key, whose calls come from elsewhere, are denied")
            if locks:
                names = listed(sorted(deny.covered & CONTROLLING, key=lambda name: (name != "kms:PutKeyPolicy", name)))
                told.append(f"whoever is elsewhere is denied {names}, administrators too")
            yield Hit(
                by_network[0].path,
                "; ".join(told),
                deny,
                severity="low" if quiet else None,
                persona="pedantic" if quiet else None,
            )


def _meets(deny: StatementView, calls: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether every condition about how a call comes lets the Deny meet such calls."""
    about_it = [item for item in deny.conditions if item.key in _THROUGH_A_SERVICE]
    return all(condition_holds(item.condition, calls, variables=False) for item in about_it)


def _spares_identities(condition: ConditionView) -> bool:
    return condition.key in CALLERS_IDENTITY or condition.key.startswith("aws:principaltag/")


def _serves(policy: PolicyView) -> set[str]:
    """How AWS services come to the key, as far as the policy itself speaks of them."""
    found = set()
    for statement in policy.allows:
        if not statement.uses_the_key:
            continue
        if any(item.is_service for item in statement.reachable):
            found.add("itself")
        if any(item.positive for item in statement.conditions_on("kms:viaservice", "aws:calledvia")):
            found.add("for callers")
    return found
