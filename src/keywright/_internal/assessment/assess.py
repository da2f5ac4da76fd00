"""Assessing keys of a snapshot: findings, claims, and who manages each."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.assessment.estate_checks import ORPHANED_ALIAS, REFUSED_TODAY
from keywright._internal.assessment.grant_findings import grant_findings, named, outside_account
from keywright._internal.assessment.key_findings import (
    policy_findings,
    replica_findings,
    state_findings,
    use_of,
)
from keywright._internal.assessment.ownership import manager_of
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.proof.claims.built_in.outsiders import OUTSIDE
from keywright._internal.proof.claims.result import ClaimResult, Verdict
from keywright._internal.proof.claims.trust import Trust
from keywright._internal.proof.claims.undeclared import NAMES, prove_undeclared
from keywright._internal.proof.findings.finding import SEVERITIES, failing, shown
from keywright._internal.proof.findings.search import find
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from keywright._internal.assessment.ownership import Manager
    from keywright._internal.estate.estate_reading import EstateReading
    from keywright._internal.estate.snapshot import ScannedAlias, ScannedKey
    from keywright._internal.proof.findings.finding import Finding

_REMEMBERED: Final = 4096
"""How many policies' answers are kept: keys that share a policy share its proofs."""

Judged = tuple[tuple["Finding", ...], tuple[ClaimResult, ...]]


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whom the owner of an estate trusts, beside each key's own account."""

    accounts: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()

    def of(self, account: str) -> Trust:
        """Whom a key of an account may let in."""
        return Trust(self.accounts | {account}, self.organisations)


@dataclass(frozen=True, slots=True)
class AssessedKey:
    """A key, what is wrong with it, what is proved of it, and who manages it."""

    key: ScannedKey
    findings: tuple[Finding, ...]
    claims: tuple[ClaimResult, ...]
    manager: Manager | None

    @property
    def failed(self) -> bool:
        """Whether a claim is refuted or a finding is of medium severity or above."""
        refuted = any(claim.verdict is Verdict.REFUTED for claim in self.claims)
        return refuted or bool(failing(self.findings))

    @property
    def badness(self) -> tuple[int, int, int]:
        """To put the worst first: the highest severity, how many such, how many refuted claims. Lower is worse."""
        order = {name: rank for rank, name in enumerate(SEVERITIES, 1)}
        ranks = [order[item.severity] for item in shown(self.findings, pedantic=False)]
        refuted = sum(claim.verdict is Verdict.REFUTED for claim in self.claims)
        worst = max(ranks, default=0)
        return (-max(worst, order["high"] if refuted else 0), -ranks.count(worst) if worst else 0, -refuted)

    def as_document(self, *, pedantic: bool = False) -> dict[str, Any]:
        """As `--json` shows it."""
        key, metadata = self.key, self.key.metadata
        return {
            "arn": key.arn,
            "account": key.location.account,
            "region": key.location.region,
            "description": metadata.description if metadata else None,
            "aliases": None if "ListAliases" in key.missing else list(key.aliases),
            "state": metadata.state if metadata else None,
            "spec": metadata.spec if metadata else None,
            "usage": metadata.usage if metadata else None,
            "origin": metadata.origin if metadata else None,
            "custom_key_store": metadata.custom_key_store_id if metadata else None,
            "created": _date(metadata.creation_date) if metadata else None,
            "deletion_date": _date(metadata.deletion_date) if metadata else None,
            "multi_region": metadata.multi_region if metadata else None,
            "multi_region_type": metadata.multi_region_type if metadata else None,
            "primary_arn": metadata.primary_arn if metadata else None,
            "rotation": (
                {"enabled": key.rotation.enabled, "period_in_days": key.rotation.period_in_days}
                if key.rotation
                else None
            ),
            "last_use": (
                {"verdict": use_of(key), "operation": key.last_use.operation, "at": _date(key.last_use.used_at)}
                if key.last_use
                else None
            ),
            "tags": None if "ListResourceTags" in key.missing else dict(key.tags),
            "grants": None if "ListGrants" in key.missing else [
                {
                    "grant_id": grant.grant_id,
                    "name": grant.name,
                    "grantee": grant.grantee,
                    "retiring": grant.retiring,
                    "operations": list(grant.operations),
                    "constraints": dict(grant.constraints),
                    "issuing_account": grant.issuing_account,
                    "created": _date(grant.created),
                }
                for grant in key.grants
            ],
            "findings": [item.as_document() for item in shown(self.findings, pedantic=pedantic)],
            "claims": [claim.as_document() for claim in self.claims],
            "managed_by": self.manager.as_document() if self.manager else None,
        }  # fmt: skip


@dataclass
class Assessor:
    """Assesses the keys of one snapshot.

    Args:
        estate: the snapshot.
        trusted: whom its owner trusts.
    """

    estate: EstateReading
    trusted: Trusted = field(default_factory=Trusted)
    _identities: Mapping[str, frozenset[str] | None] = field(init=False)
    _now: datetime = field(init=False)
    _judged: OrderedDict[tuple[str, ...], Judged] = field(default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self._identities = {item.account: item.identities for item in self.estate.accounts()}
        self._now = self.estate.started_at

    def assessed(self) -> Iterator[AssessedKey]:
        """Every key, by ARN."""
        return map(self.assess, self.estate.keys())

    def assess(self, key: ScannedKey) -> AssessedKey:
        """One key."""
        account = key.location.account
        of_policy, claims = self._policy(key)
        primary = key.metadata.primary_arn if key.metadata else None
        is_replica = key.metadata is not None and key.metadata.multi_region_type == "REPLICA"
        findings = (
            *of_policy,
            *grant_findings(key, self.trusted.of(account).accounts, self._identities.get(account)),
            *state_findings(key, self._now),
            *(replica_findings(key, self.estate.policy_of(primary)) if is_replica and primary else ()),
        )
        return AssessedKey(key, findings, self._with_grants(key, claims), manager_of(key.tags))

    def orphaned_aliases(self) -> Iterator[tuple[ScannedAlias, Finding]]:
        """Aliases whose key isn't there, or is pending deletion."""
        for alias, state in self.estate.alias_states():
            if alias.key_id is None:
                yield alias, ORPHANED_ALIAS.finding(f"`{alias.name}` in {alias.region} has no key behind it")
            elif state is None:
                gone = f"{alias.key_id}, which is not among the account's keys"
                yield alias, ORPHANED_ALIAS.finding(f"`{alias.name}` in {alias.region} stands for {gone}")
            elif state.startswith("Pending") and state != "PendingImport":
                yield (
                    alias,
                    ORPHANED_ALIAS.finding(
                        f"`{alias.name}` in {alias.region} stands for {alias.key_id}, which is pending deletion"
                    ),
                )

    def _policy(self, key: ScannedKey) -> Judged:
        """What the policy alone shows; the same for each key that has it and is of the same kind and place."""
        if key.policy is None:
            return (), _unknown("the key's policy could not be read")
        metadata = key.metadata
        spec, usage = (metadata.spec, metadata.usage) if metadata else ("", "")
        # The key's own id matters only to a policy that names it.
        own = key.location.key_id if key.location.key_id and key.location.key_id in key.policy else None
        place = replace(key.location, key_id=own)
        name = (key.policy, place.partition, place.account, place.region, own or "", spec, usage)
        found = self._judged.get(name)
        if found is None:
            found = _judge(key, self.trusted.of(key.location.account))
            self._judged[name] = found
            if len(self._judged) > _REMEMBERED:
                self._judged.popitem(last=False)
        return found

    def _with_grants(self, key: ScannedKey, claims: tuple[ClaimResult, ...]) -> tuple[ClaimResult, ...]:
        """The claims, with what grants allow beside the policy: those to outsiders refute one that is proved."""
        trusted = self.trusted.of(key.location.account).accounts
        outside = [(item, account) for item in key.grants if (account := outside_account(item, trusted)) is not None]
        return tuple(_beside(claim, key, outside) if claim.id == OUTSIDE else claim for claim in claims)


def _beside(claim: ClaimResult, key: ScannedKey, outside: Iterable[tuple[Any, str]]) -> ClaimResult:
    if claim.verdict is Verdict.REFUTED:
        return claim
    for grant, account in outside:
        reason = f"{named(grant)} lets `{grant.grantee}` of account {account} call {', '.join(grant.operations)}"
        return replace(claim, verdict=Verdict.REFUTED, reason=reason)
    if "ListGrants" in key.missing and claim.verdict is Verdict.PROVED:
        reason = "the policy lets nobody from outside in, but the key's grants could not be read"
        return replace(claim, verdict=Verdict.UNKNOWN, reason=reason)
    return claim


def _judge(key: ScannedKey, trust: Trust) -> Judged:
    metadata, text = key.metadata, key.policy or ""
    try:
        parsed = parse_policy(text)
    except InputError as error:
        what = "; ".join(item.message for item in error.problems) or error.message
        refused = REFUSED_TODAY.finding(f"the policy can't be read: {what}", severity="high")
        return (refused,), _unknown(f"the key's policy can't be read: {what}")
    findings = find(
        parsed,
        location=key.location,
        key_spec=metadata.spec if metadata else None,
        key_usage=metadata.usage if metadata else None,
    )
    more = policy_findings(parsed.document, len(text.encode()))
    return (*findings, *more), prove_undeclared(parsed.document, key.location, trust)


def _unknown(reason: str) -> tuple[ClaimResult, ...]:
    return tuple(ClaimResult(name, sentence, Verdict.UNKNOWN, reason) for name, sentence in NAMES)


def _date(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()
