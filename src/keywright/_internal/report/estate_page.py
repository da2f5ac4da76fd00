"""An estate as one self-contained page: totals, the worst keys first, each key's access in sentences."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from html import escape
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.assessment.grant_findings import limited
from keywright._internal.assessment.key_findings import use_of
from keywright._internal.policy.parsing import parse_policy
from keywright._internal.proof.claims.result import Verdict
from keywright._internal.proof.difference.wording import sentence
from keywright._internal.proof.findings.finding import SEVERITIES, shown
from keywright.errors import InputError, UnwritableFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from keywright._internal.assessment.assess import AssessedKey, Assessor
    from keywright._internal.estate.estate_reading import EstateReading
    from keywright._internal.estate.snapshot import NotRead, ScannedKey
    from keywright._internal.proof.findings.finding import Finding

_MOST_GRANTS: Final = 20
_MOST_MISSING: Final = 100
_FINE: Final = "fine"
_WORDS: Final = {_FINE: "no finding"}


def write_estate_page(path: Path, estate: EstateReading, assessor: Assessor, *, pedantic: bool = False) -> None:
    """Write the page.

    Raises:
        UnwritableFile: the file can't be written.
    """
    try:
        with path.open("w", encoding="utf-8") as page:
            page.writelines(estate_page(estate, assessor, pedantic=pedantic))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnwritableFile(f"`{path}` can't be written: {reason}", "name another file with --html") from error


def estate_page(estate: EstateReading, assessor: Assessor, *, pedantic: bool = False) -> Iterator[str]:
    """The page, in pieces."""
    told: list[tuple[tuple[Any, ...], str]] = []
    severities: Counter[str] = Counter()
    verdicts: Counter[Verdict] = Counter()
    accounts: set[str] = set()
    regions: set[str] = set()
    bad = 0
    for item in assessor.assessed():
        findings = shown(item.findings, pedantic=pedantic)
        severities.update(finding.severity for finding in findings)
        verdicts.update(claim.verdict for claim in item.claims)
        accounts.add(item.key.location.account)
        regions.add(item.key.location.region)
        bad += item.failed
        told.append(((item.badness, item.key.arn), "".join(_key(item, findings))))
    told.sort(key=lambda pair: pair[0])
    not_read = estate.not_read()
    totals = [
        (len(told), "keys"),
        (bad, "with problems"),
        *((severities[name], f"{name} findings") for name in reversed(SEVERITIES)),
        (verdicts[Verdict.REFUTED], "claims refuted"),
        (verdicts[Verdict.UNKNOWN], "claims unknown"),
    ]
    yield from _head(estate, totals)
    yield from _missing(not_read)
    yield _form(sorted(accounts), sorted(regions))
    yield '<section class="keys" aria-label="Keys, the worst first">\n<h2>Keys, the worst first</h2>\n'
    yield from (text for _, text in told)
    yield "</section>\n"
    yield from _aliases(assessor)
    yield _foot()


def _resource(name: str) -> str:
    return files("keywright._internal.report").joinpath("templates", name).read_text("utf-8")


def _head(estate: EstateReading, totals: Sequence[tuple[int, str]]) -> Iterator[str]:
    digest = base64.b64encode(hashlib.sha256(_resource("estate.js").encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"
    accounts = estate.accounts()
    names = ", ".join(f"{item.account}{f' ({item.name})' if item.name else ''}" for item in accounts[:10])
    more = f" and {len(accounts) - 10} more" if len(accounts) > 10 else ""  # noqa: PLR2004 - as many as fit
    ended = estate.finished_at
    when = f"{estate.started_at:%Y-%m-%d %H:%M} UTC" + ("" if ended else ", and stopped before its end")
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<title>KMS keys — Keywright</title>\n<link rel="icon" href="data:,">\n'
        f"<style>\n{_resource('estate.css')}</style>\n</head>\n<body>\n"
        '<header><div class="wrap">\n<h1>Customer-managed KMS keys</h1>\n'
        f'<p class="quiet">Scanned {when}: {len(accounts)} account{"" if len(accounts) == 1 else "s"} '
        f'({escape(names)}{more}), {estate.regions()} Regions</p>\n<ul class="totals">\n'
    )
    for number, what in totals:
        yield f"<li><b>{number:,}</b> {what}</li>\n"
    yield '</ul>\n</div></header>\n<main class="wrap">\n'


def _missing(not_read: Sequence[NotRead]) -> Iterator[str]:
    if not not_read:
        return
    yield (
        f'<section class="missing" aria-labelledby="missing"><h2 id="missing">Not read: {len(not_read)}</h2>\n'
        "<p>What could not be read is not covered by this page, and claims about it are unknown.</p>\n<ul>\n"
    )
    for item in not_read[:_MOST_MISSING]:
        yield f"<li><code>{escape(item.subject)}</code>: {escape(item.operation)}: {escape(item.reason)}</li>\n"
    if len(not_read) > _MOST_MISSING:
        yield f"<li>and {len(not_read) - _MOST_MISSING} more, in the snapshot</li>\n"
    yield "</ul></section>\n"


def _form(accounts: Sequence[str], regions: Sequence[str]) -> str:
    severities = "".join(f'<option value="{name}">{name}</option>' for name in reversed(SEVERITIES))
    return (
        '<form hidden role="search">\n<label class="search">Search <input type="search" name="words" '
        'placeholder="alias, ARN, principal, tag, finding…"></label>\n'
        f'<label>Worst finding <select name="worst"><option value="">all keys</option>'
        f'<option value="any">any problem</option>{severities}<option value="{_FINE}">none</option></select></label>\n'
        f'<label>Account <select name="account"><option value="">all</option>{_options(accounts)}</select></label>\n'
        f'<label>Region <select name="region"><option value="">all</option>{_options(regions)}</select></label>\n'
        '</form>\n<p id="count" class="quiet" aria-live="polite"></p>\n'
    )


def _options(values: Iterable[str]) -> str:
    return "".join(f"<option>{escape(value)}</option>" for value in values)


def _key(item: AssessedKey, findings: Sequence[Finding]) -> Iterator[str]:
    key, metadata = item.key, item.key.metadata
    refuted = [claim for claim in item.claims if claim.verdict is Verdict.REFUTED]
    worst = max((finding.severity for finding in findings), key=SEVERITIES.index, default=_FINE)
    if refuted and worst in {_FINE, "low", "medium"}:
        worst = "high"
    location = key.location
    name = ", ".join(key.aliases) or (metadata.description[:80] if metadata and metadata.description else key.arn)
    state = metadata.state if metadata else "not read"
    yield (
        f'<details class="key" data-worst="{worst}" data-account="{location.account}" data-region="{location.region}" '
        f'data-words="{escape(_principals(key))}">'
        f'<summary><span class="pill {worst}">{_WORDS.get(worst, worst)}</span><span class="name">{escape(name)}</span>'
        f'<span class="quiet">{location.account} · {location.region} · {escape(state)}</span></summary>\n<div>\n'
    )
    yield f"<p><code>{escape(key.arn)}</code></p>\n"
    yield from _findings(key, findings)
    for claim in item.claims:
        if claim.verdict is not Verdict.PROVED:
            verdict = claim.verdict.value.lower()
            said = f"{escape(claim.claim)}: {_prose(claim.reason)}"
            yield f'<p><span class="pill {verdict}">{verdict}</span> {said}</p>\n'
    proved = [claim.claim for claim in item.claims if claim.verdict is Verdict.PROVED]
    if proved:
        said = "; ".join(map(escape, proved))
        yield f'<p><span class="pill proved">proved</span> {said}</p>\n'
    yield from _access(key)
    yield from _facts(item)
    yield "</div></details>\n"


def _principals(key: ScannedKey) -> str:
    """Whom a policy and its grants name, to be searched for: the sentences shorten them."""
    named = set(re.findall(r'"(arn:[^"]+:(?:iam|sts)::[^"]+)"', key.policy or "")) | {
        item.grantee for item in key.grants
    }
    return " ".join(sorted(named))


def _findings(key: ScannedKey, findings: Sequence[Finding]) -> Iterator[str]:
    ordered = sorted(findings, key=lambda finding: -SEVERITIES.index(finding.severity))
    quoted: set[object] = set()
    for finding in ordered:
        yield (
            f'<p><span class="pill {finding.severity}">{finding.severity}</span> <b>{finding.id}</b> '
            f'{_prose(finding.message)}. <span class="quiet">{_prose(finding.remedy)}</span></p>\n'
        )
        index = finding.path[1] if len(finding.path) > 1 and finding.path[0] == "Statement" else None
        text = _statement(key.policy, index) if index is not None and index not in quoted else None
        quoted.add(index)
        if text is not None:
            yield f"<pre><code>{escape(text)}</code></pre>\n"


def _statement(policy: str | None, index: object) -> str | None:
    """The text of a statement, as its policy has it."""
    if policy is None or not isinstance(index, int):
        return None
    statements = json.loads(policy).get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return json.dumps(listed[index], ensure_ascii=False) if index < len(listed) else None


def _access(key: ScannedKey) -> Iterator[str]:
    if key.policy is None:
        return
    try:
        document = parse_policy(key.policy).document
    except InputError:
        yield f"<h3>Policy</h3>\n<pre><code>{escape(key.policy[:2000])}</code></pre>\n"
        return
    yield "<h3>Access</h3>\n<ul>\n"
    for statement in document.statements:
        yield f"<li>{_prose(sentence(statement, key.location.account))}</li>\n"
    for grant in key.grants[:_MOST_GRANTS]:
        operations = ", ".join(grant.operations)
        yield f"<li>A grant lets <code>{escape(grant.grantee)}</code> call {operations}{escape(limited(grant))}</li>\n"
    if len(key.grants) > _MOST_GRANTS:
        yield f"<li>and {len(key.grants) - _MOST_GRANTS} more grants</li>\n"
    yield "</ul>\n"


def _facts(item: AssessedKey) -> Iterator[str]:
    key, metadata = item.key, item.key.metadata
    facts: list[tuple[str, str]] = []
    if metadata is not None:
        facts += [("Description", metadata.description), ("Kind", f"{metadata.spec}, {metadata.usage}")]
        if metadata.origin != "AWS_KMS":
            facts.append(("Material", f"{metadata.origin} {metadata.custom_key_store_id or ''}".strip()))
        if metadata.multi_region:
            facts.append(("Multi-Region", (metadata.multi_region_type or "").lower()))
        if metadata.creation_date:
            facts.append(("Created", f"{metadata.creation_date:%Y-%m-%d}"))
        if metadata.deletion_date:
            facts.append(("Deleted on", f"{metadata.deletion_date:%Y-%m-%d}"))
    if key.rotation is not None:
        period = f"every {key.rotation.period_in_days or 365} days"
        facts.append(("Rotation", period if key.rotation.enabled else "off"))
    if key.last_use is not None:
        used = key.last_use.used_at
        facts.append(("Last used", f"{used:%Y-%m-%d}, {key.last_use.operation}" if used else str(use_of(key))))
    if item.manager is not None:
        facts.append(("Managed by", f"{item.manager.tool}: {item.manager.name}"))
    if key.tags:
        facts.append(("Tags", ", ".join(f"{name}={value}" for name, value in sorted(key.tags.items()))))
    yield '<dl class="facts">'
    yield from (f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts if value)
    yield "</dl>\n"


def _aliases(assessor: Assessor) -> Iterator[str]:
    orphans = list(assessor.orphaned_aliases())
    if not orphans:
        return
    yield '<section aria-labelledby="aliases"><h2 id="aliases">Aliases without a key</h2>\n<ul>\n'
    for alias, finding in orphans:
        yield (
            f'<li><span class="pill {finding.severity}">{finding.severity}</span> <b>{finding.id}</b> '
            f"{alias.account}: {_prose(finding.message)}</li>\n"
        )
    yield "</ul></section>\n"


def _foot() -> str:
    return (
        "<footer>A claim is proved for every request that AWS could get, refuted by one that is shown, or unknown. "
        "Findings are explained in docs/findings.md and docs/scan.md. IAM policies are not part of this page. "
        f"Made by Keywright {version('keywright')}.</footer>\n</main>\n"
        f"<script>{_resource('estate.js')}</script>\n</body>\n</html>\n"
    )


def _prose(text: str) -> str:
    """Text in HTML, with what stands in backticks shown as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{escape(part)}</code>" if index % 2 else escape(part) for index, part in enumerate(parts))
