"""A plan as one self-contained page for its reviewer: each step, who gains and loses access, and the claims."""

from __future__ import annotations

import json
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.counting import counted
from keywright.errors import UnwritableFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_SIGNS: Final = {
    "create": ("+", "add"), "replicate": ("+", "add"), "alias": ("+", "add"), "tag": ("+", "add"),
    "discard": ("-", "remove"), "untag": ("-", "remove"), "unalias": ("-", "remove"), "refuse": ("!", "remove"),
}  # fmt: skip
_SIGN: Final = ("~", "change")


def write_plan_page(path: Path, document: Mapping[str, Any], *, access: Mapping[str, Sequence[str]]) -> None:
    """Write the page; see `plan_page`.

    Raises:
        UnwritableFile: the file can't be written.
    """
    try:
        path.write_text(plan_page(document, access=access), encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnwritableFile(f"`{path}` can't be written: {reason}", "name another file with --html") from error


def plan_page(document: Mapping[str, Any], *, access: Mapping[str, Sequence[str]]) -> str:
    """The page.

    Args:
        document: the plan, as `keywright plan --json` prints it.
        access: who would have access to each key that would be created, a line each.
    """
    return "".join(_page(document, access))


def _page(document: Mapping[str, Any], access: Mapping[str, Sequence[str]]) -> Iterator[str]:
    style = files(__package__).joinpath("templates", "plan.css").read_text(encoding="utf-8")
    title = f"Plan for {document['stack']}"
    yield f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<style>
{style}</style>
</head>
<body>
<header>
<h1>{escape(title)}</h1>
"""
    counts = document["counts"]
    labels = {"create": "to create", "update": "to update", "unchanged": "unchanged", "refused": "refused"}
    shown = [f"<li>{counts[name]} {label}</li>" for name, label in labels.items() if counts[name] or name != "refused"]
    yield f'<ul class="counts">{"".join(shown)}</ul>\n</header>\n<main>\n'
    yield from _notices(document)
    changes = document["changes"]
    yield "<h2>Changes</h2>\n" if changes else "<h2>No changes</h2>\n<p>AWS matches the configuration.</p>\n"
    for name, steps in changes.items():
        yield f'<section class="key">\n<h3>{escape(name)}</h3>\n<ol class="steps">\n'
        for step in steps:
            yield from _step(step, access.get(name, ()) if step["action"] == "create" else ())
        yield "</ol>\n</section>\n"
    yield from _claims(document["claims"])
    yield "<footer>Written by <code>keywright plan --html</code>. Nothing has been changed.</footer>\n"
    yield "</main>\n</body>\n</html>\n"


def _notices(document: Mapping[str, Any]) -> Iterator[str]:
    lines = [f"{name}: {error}" for name, error in document["errors"].items()]
    if lines:
        yield f"<h2>Could not be read</h2>\n{_list(lines)}"
    if document["notes"]:
        yield f"<h2>Notes</h2>\n{_list(document['notes'])}"


def _step(step: Mapping[str, Any], access: Sequence[str]) -> Iterator[str]:
    sign, kind = _SIGNS.get(step["action"], _SIGN)
    yield f'<li class="{kind}"><span class="sign">{sign}</span> <strong>{escape(step["summary"])}</strong>'
    yield f' <span class="quiet">{escape(step["region"])}</span>\n'
    if step["reason"]:
        yield f'<p class="quiet">{escape(step["reason"])}</p>\n'
    if step["details"]:
        yield _list(step["details"])
    if access:
        yield f'<div class="access gained"><strong>Who will have access</strong>{_list(access)}</div>\n'
    yield from _impact(step["impact"] or {})
    if step["action"] == "policy":
        for label, value in (("Policy on AWS", step["before"]), ("Policy in the configuration", step["after"])):
            yield _details(label, json.loads(value) if isinstance(value, str) else value)
    yield "</li>\n"


def _impact(impact: Mapping[str, Any]) -> Iterator[str]:
    change = impact.get("access") or {}
    for word, title in (("gained", "Access gained"), ("lost", "Access lost")):
        if change.get(word):
            yield f'<div class="access {word}"><strong>{title}</strong>\n<ul>\n'
            for item in change[word]:
                yield f"<li>{escape(item['sentence'])}{_details('Request', item['witness']['request'])}</li>\n"
            yield "</ul></div>\n"
    if impact.get("users"):
        users = [f"{item['principal']}: {item['use']}" for item in impact["users"]]
        yield f'<div class="access lost"><strong>Who may use the key until then</strong>{_list(users)}</div>\n'
    if impact.get("last_used"):
        yield f'<p class="quiet">Last used {escape(impact["last_used"])}</p>\n'


def _claims(claims: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[str]:
    total = sum(map(len, claims.values()))
    if not total:
        return
    proved = sum(item["verdict"] == "PROVED" for items in claims.values() for item in items)
    yield f"<h2>Claims</h2>\n<p>{proved} of {counted(total, 'claim')} proved.</p>\n"
    for name, items in claims.items():
        yield f'<section class="key">\n<h3>{escape(name)}</h3>\n<ul class="claims">\n'
        for item in sorted(items, key=lambda claim: claim["verdict"] == "PROVED"):
            yield f'<li class="{escape(item["verdict"])}"><span class="verdict">{escape(item["verdict"])}</span> '
            yield f'{escape(item["sentence"])} <span class="quiet">({escape(item["region"])})</span>'
            if item["reason"]:
                yield f'<p class="quiet">{escape(item["reason"])}</p>'
            if item["witness"] and item["verdict"] != "PROVED":
                yield _details("The request that shows it", item["witness"]["request"])
            yield "</li>\n"
        yield "</ul>\n</section>\n"


def _list(lines: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>\n"


def _details(title: str, value: object) -> str:
    return f"<details><summary>{escape(title)}</summary><pre>{escape(json.dumps(value, indent=2))}</pre></details>\n"
