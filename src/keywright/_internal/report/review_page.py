"""A review of access as one self-contained page: what each key protects, who can do what with it, what changed."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.access.question import AccessVerdict
from keywright._internal.counting import counted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from keywright._internal.access.review import Holder, KeyReview
    from keywright._internal.estate.snapshot import ScannedKey

_CODES: Final = {AccessVerdict.YES: 0, AccessVerdict.CONDITIONAL: 1, AccessVerdict.UNKNOWN: 2}
_MOST_BYTES: Final = 3_500_000
"""Once names and lists of holders take as much, further ones are folded to their first few."""

_FOLDED: Final = 25
_GRANT: Final = "grant"
"""The way of access that neither a key policy nor IAM shows."""

_MOST_CHANGES: Final = 50
_MOST_MISSING: Final = 100
_BEYOND: Final = frozenset({"account", "organization", "public"})


class ReviewPage:
    """The page, written key by key.

    Args:
        read_at: when the snapshot was made.
        read_by: who made it: the options of the scan.
        since: when the snapshot of the last review was made.
        not_read: what the snapshot lacks.
        gone: keys that the last review had and that are no longer there.
    """

    def __init__(
        self,
        read_at: datetime,
        read_by: str,
        since: datetime | None,
        not_read: Sequence[Mapping[str, Any]],
        gone: Sequence[str] = (),
    ) -> None:
        self._read_at = read_at
        self._read_by = read_by
        self._since = since
        self._not_read = not_read
        self._gone = gone
        self._people: dict[tuple[str, str], int] = {}
        self._details: list[list[Any]] = []
        self._conditions: dict[str, int] = {}
        self._counts: Counter[str] = Counter()
        self._keys: list[str] = []
        self._lists: dict[str, int] = {}
        self._size = 0
        self._holders: list[list[int]] = []

    def add(self, item: KeyReview, scanned: ScannedKey) -> None:
        """One more key."""
        self._counts["keys"] += 1
        self._counts["changed"] += bool(item.gained or item.lost or item.was or item.is_new)
        beyond = any(holder.kind in _BEYOND for held in item.holders.values() for holder in held)
        self._counts["reachable from outside"] += beyond
        unused = {holder.name for held in item.holders.values() for holder in held if holder.unused}
        self._counts["with unused access"] += bool(unused)
        self._keys.append("".join(self._key(item, scanned, beyond=beyond, unused=len(unused))))
        self._holders.append([self._list(held) for held in item.holders.values()])

    def pieces(self) -> Iterator[str]:
        """The page's text."""
        script = _resource("review.js")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'"
        since = f", changes since {self._since:%Y-%m-%d %H:%M} UTC" if self._since else ""
        yield (
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
            '<title>Access review — Keywright</title>\n<link rel="icon" href="data:,">\n'
            f"<style>\n{_resource('estate.css')}{_resource('review.css')}</style>\n</head>\n<body>\n"
            '<header><div class="wrap">\n<h1>Review of access to KMS keys</h1>\n'
            f'<p class="quiet">Read {self._read_at:%Y-%m-%d %H:%M} UTC, {escape(self._read_by)}{since}</p>\n'
            '<ul class="totals">\n'
        )
        for name in ("keys", "changed", "reachable from outside", "with unused access"):
            yield f"<li><b>{self._counts[name]:,}</b> {name}</li>\n"
        yield f"<li><b>{len(self._not_read):,}</b> not read</li>\n</ul>\n</div></header>\n" + '<main class="wrap">\n'
        yield from self._missing()
        yield from self._no_longer_there()
        yield (
            '<section aria-labelledby="sign"><h2 id="sign">Sign-off</h2>\n<div class="sign">'
            "<label>Name <input data-sign></label><label>Date <input data-sign></label>"
            "<label>Decision <input data-sign></label></div></section>\n"
            '<form hidden role="search">\n<label class="search">Search <input type="search" name="words" '
            'placeholder="alias, ARN, tag, principal…"></label>\n'
            '<label>Show <select name="only"><option value="">all keys</option><option value="changed">changed</option>'
            '<option value="beyond">reachable from outside</option><option value="unused">with unused access</option>'
            '</select></label>\n<button type="button" id="save">Save decisions (CSV)</button>\n</form>\n'
            '<p id="count" class="quiet" aria-live="polite"></p>\n'
            '<section class="keys" aria-label="Keys">\n<h2>Keys</h2>\n'
        )
        yield from self._keys
        yield "</section>\n"
        data = {"people": self._details, "conditions": list(self._conditions), "keys": self._holders}
        head = json.dumps(data, separators=(",", ":"), ensure_ascii=False)[:-1]
        yield '<script type="application/json" id="data">'
        yield (head + ',"lists":[' + ",".join(self._lists) + "]}").replace("</", "<\\/").replace("<!--", "<\\u0021--")
        yield (
            "</script>\n<footer>Without a remark: every request is allowed. Conditional: some are. Unknown: something "
            "that decides was not read. Whoever isn't listed has no access: proved for every request, over key "
            "policies, grants, IAM, boundaries and the organization's policies. docs/access.md says what is taken for "
            f"granted. Made by Keywright {version('keywright')}.</footer>\n</main>\n"
            f"<script>{script}</script>\n</body>\n</html>\n"
        )

    def _missing(self) -> Iterator[str]:
        if not self._not_read:
            return
        yield (
            '<section class="missing" aria-labelledby="missing">'
            f'<h2 id="missing">Not read: {len(self._not_read)}</h2>\n<ul>\n'
        )
        for item in self._not_read[:_MOST_MISSING]:
            where = " ".join(str(item[name]) for name in ("account", "region", "key") if item[name])
            yield f"<li><code>{escape(where)}</code> {escape(item['operation'])}: {escape(item['reason'])}</li>\n"
        if len(self._not_read) > _MOST_MISSING:
            yield f"<li>and {len(self._not_read) - _MOST_MISSING} more, in the snapshot</li>\n"
        yield "</ul></section>\n"

    def _no_longer_there(self) -> Iterator[str]:
        if not self._gone:
            return
        keys = counted(len(self._gone), "key")
        yield f'<section aria-labelledby="gone"><h2 id="gone">No longer there: {keys}</h2>\n<ul>\n'
        yield from (f"<li><code>{escape(arn)}</code></li>\n" for arn in self._gone[:_MOST_MISSING])
        if len(self._gone) > _MOST_MISSING:
            yield f"<li>and {len(self._gone) - _MOST_MISSING} more</li>\n"
        yield "</ul></section>\n"

    def _list(self, held: Sequence[Holder]) -> int:
        """The number of a list of holders, which keys share; folded where the page would become too large."""
        shown = held if self._size < _MOST_BYTES else held[:_FOLDED]
        entries = [self._held(holder) for holder in shown]
        if len(shown) < len(held):
            entries.append(len(shown) - len(held))
        text = json.dumps(entries, separators=(",", ":"))
        if text not in self._lists:
            self._size += len(text)
            self._lists[text] = len(self._lists)
        return self._lists[text]

    def _held(self, holder: Holder) -> Any:
        place = self._people.get((holder.name, holder.kind))
        if place is None:
            place = self._people[holder.name, holder.kind] = len(self._people)
            used = (holder.last_used or "")[:10] or ("-" if holder.unused else "")
            self._details.append([holder.name, holder.kind, used, int(holder.unused)])
            self._size += len(holder.name) + len(holder.kind) + len(used) + 12
        by_grant = holder.through == _GRANT
        if holder.access is AccessVerdict.YES and not by_grant:
            return place
        remark = "; ".join(filter(None, ("by a grant" if by_grant else "", holder.condition)))
        condition = self._conditions.setdefault(remark, len(self._conditions))
        return [place, _CODES[holder.access], condition]

    def _key(self, item: KeyReview, scanned: ScannedKey, *, beyond: bool, unused: int) -> Iterator[str]:
        changed = bool(item.gained or item.lost or item.was or item.is_new)
        location, metadata = scanned.location, scanned.metadata
        description = metadata.description[:80] if metadata else ""
        name = ", ".join(scanned.aliases) or description or item.key.arn
        marks = [("new", "low")] if item.is_new else [("changed", "medium")] if changed else []
        marks += [("outside", "high")] if beyond else []
        pills = "".join(f'<span class="pill {kind}">{word}</span>' for word, kind in marks)
        only = " ".join(
            word for word, holds in (("changed", changed), ("beyond", beyond), ("unused", bool(unused))) if holds
        )
        counts = " · ".join(f"{len(held)} {capability}" for capability, held in item.holders.items())
        yield (
            f'<details class="key" data-only="{only}"><summary>{pills}<span class="name">{escape(name)}</span>'
            f'<span class="quiet">{location.account} · {location.region} · {counts}</span></summary>\n<div>\n'
            f"<p><code>{escape(item.key.arn)}</code></p>\n"
        )
        yield from _facts(scanned, unused)
        yield from _changes(item)
        for capability, held in item.holders.items():
            yield f'<h3>Can {capability}: {len(held)}</h3>\n<ul class="holders"></ul>\n'
        yield (
            '<div class="sign"><label>Name <input data-sign></label><label>Date <input data-sign></label>'
            "<label>Decision <input data-sign></label></div>\n</div></details>\n"
        )


def _facts(scanned: ScannedKey, unused: int) -> Iterator[str]:
    metadata = scanned.metadata
    facts: list[tuple[str, str]] = []
    if metadata is not None:
        facts = [("Protects", metadata.description), ("State", metadata.state)]
    if scanned.tags:
        facts.append(("Tags", ", ".join(f"{name}={value}" for name, value in sorted(scanned.tags.items()))))
    if scanned.last_use is not None:
        used = scanned.last_use.used_at
        facts.append(("Last use", f"{used:%Y-%m-%d}, {scanned.last_use.operation}" if used else "none seen"))
    if unused:
        facts.append(("Unused access", f"{counted(unused, 'role')} not used for 90 days"))
    yield '<dl class="facts">'
    yield from (f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts if value)
    yield "</dl>\n"


def _changes(item: KeyReview) -> Iterator[str]:
    for title, changes in (("Gained", item.gained), ("Lost", item.lost)):
        for capability, names in changes.items():
            more = f" and {len(names) - _MOST_CHANGES} more" if len(names) > _MOST_CHANGES else ""
            listed = ", ".join(f"<code>{escape(name)}</code>" for name in names[:_MOST_CHANGES])
            yield f'<p><span class="pill medium">{title}</span> {capability}: {listed}{more}</p>\n'
    for capability, before in item.was.items():
        told = [f"<code>{escape(name)}</code> (was {access.value})" for name, access in sorted(before.items())]
        more = f" and {len(told) - _MOST_CHANGES} more" if len(told) > _MOST_CHANGES else ""
        listed = ", ".join(told[:_MOST_CHANGES])
        yield f'<p><span class="pill medium">Changed</span> {capability}: {listed}{more}</p>\n'


def review_rows(item: KeyReview, aliases: Iterable[str]) -> Iterator[list[str]]:
    """The key's lines of the CSV file."""
    for capability, held in item.holders.items():
        changes = dict.fromkeys(item.gained.get(capability, ()), "gained")
        changes |= {name: f"was {access.value}" for name, access in item.was.get(capability, {}).items()}
        for holder in held:
            yield [
                item.key.arn,
                " ".join(aliases),
                capability,
                holder.name,
                holder.kind,
                holder.access.value,
                holder.condition,
                holder.last_used or "",
                "yes" if holder.unused else "",
                changes.get(holder.name, ""),
                holder.through,
            ]
        for name in item.lost.get(capability, ()):
            yield [item.key.arn, " ".join(aliases), capability, name, "", "no", "", "", "", "lost", ""]


COLUMNS: Final = (
    "key", "aliases", "capability", "principal", "kind", "access", "condition", "last_used", "unused", "change",
    "through",
)  # fmt: skip
"""The head of the CSV file."""


def _resource(name: str) -> str:
    return files("keywright._internal.report").joinpath("templates", name).read_text("utf-8")
