"""Assessed keys as SARIF 2.1.0: a result stands at its line of the key's policy, under the key's ARN."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from keywright._internal.assessment.estate_checks import ESTATE_CHECKS
from keywright._internal.proof.findings.finding import shown
from keywright._internal.proof.findings.registry import BY_ID
from keywright._internal.proof.sarif import claim_result, finding_result, rule_of, sarif_log

if TYPE_CHECKING:
    from collections.abc import Iterable

    from keywright._internal.assessment.assess import AssessedKey
    from keywright._internal.estate.snapshot import NotRead, ScannedAlias, ScannedKey
    from keywright._internal.proof.claims.result import ClaimResult
    from keywright._internal.proof.findings.finding import Finding
    from keywright._internal.proof.sarif import Rule

_NOT_READ = {"id": "not-read", "shortDescription": {"text": "a key, Region or account could not be read"}}


def estate_sarif(
    keys: Iterable[AssessedKey],
    aliases: Iterable[tuple[ScannedAlias, Finding]],
    not_read: Iterable[NotRead],
    *,
    pedantic: bool = False,
) -> dict[str, Any]:
    """One run over the keys of a snapshot."""
    results: list[dict[str, Any]] = []
    claims: dict[str, ClaimResult] = {}
    for assessed in keys:
        key = assessed.key
        results += [
            _of_key(key, finding_result(policy_file(key), _there(key, item)))
            for item in shown(assessed.findings, pedantic=pedantic)
        ]
        for claim in assessed.claims:
            claims.setdefault(claim.id, claim)
            results.append(_of_key(key, claim_result(policy_file(key), key.arn, claim)))
    results += [finding_result(f"{alias.account}/{alias.region}/{alias.name}", item) for alias, item in aliases]
    missing = [_missing(item) for item in not_read]
    checks: dict[str, Rule] = {**BY_ID, **{check.id: check for check in ESTATE_CHECKS}}
    used = sorted({result["ruleId"] for result in results} & checks.keys())
    rules = [rule_of(checks[item]) for item in used]
    rules += [{"id": claim.id, "shortDescription": {"text": claim.claim}} for claim in claims.values()]
    return sarif_log([*rules, *([_NOT_READ] if missing else [])], [*results, *missing])


def policy_file(key: ScannedKey) -> str:
    """The name under which a key's policy is spoken of as a file."""
    location = key.location
    return f"{location.account}/{location.region}/{location.key_id}/policy.json"


def _there(key: ScannedKey, finding: Finding) -> Finding:
    location = finding.location
    return replace(finding, location=replace(location, file=policy_file(key))) if location else finding


def _of_key(key: ScannedKey, result: dict[str, Any]) -> dict[str, Any]:
    for place in result["locations"]:
        place["logicalLocations"] = [{"fullyQualifiedName": key.arn, "kind": "resource"}]
    return result


def _missing(item: NotRead) -> dict[str, Any]:
    where = "/".join(part for part in (item.account, item.region, item.key.rpartition("/")[2]) if part) or "scan"
    return {
        "ruleId": "not-read",
        "kind": "open",
        "level": "none",
        "message": {"text": f"{item.subject}: {item.operation} failed: {item.reason}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": where}}}],
    }
