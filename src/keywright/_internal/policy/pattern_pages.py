"""What a person reads about the catalogue's patterns: a text for the terminal, a document, and the page of docs.

`python -m keywright._internal.policy.pattern_pages FILE` writes the page; with `--check` it only compares it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from keywright._internal.model.key_location import KeyLocation
from keywright._internal.policy import catalogue
from keywright._internal.policy.catalogue_types import Category, Parameter, Pattern
from keywright._internal.policy.document import PolicyDocument, as_json

EXAMPLE_SETTING = KeyLocation("aws", "111122223333", "us-east-1")
"""Where the key of an example lives."""

CATEGORIES: dict[Category, str] = {
    "service": "AWS services",
    "sharing": "Sharing",
    "narrowing": "Narrowing",
    "guard": "Guards",
}
"""The headings of the kinds of pattern, in their order."""

_ABOUT: dict[Category, str] = {
    "service": "Let an AWS service use the key for this account's resources, with the condition AWS documents for it.",
    "sharing": "Let others use the key: accounts, organizations, people.",
    "narrowing": "Deny use that does not come the declared way. They only deny, so they hold whatever else allows.",
    "guard": "Deny what would do harm. They only deny, so they hold whatever else allows.",
}

_USAGES = {
    "ENCRYPT_DECRYPT/symmetric": "symmetric encryption",
    "ENCRYPT_DECRYPT/asymmetric": "asymmetric encryption",
    "SIGN_VERIFY": "signing",
    "GENERATE_VERIFY_MAC": "MACs",
    "KEY_AGREEMENT": "key agreement",
}


def by_category(patterns: Iterable[Pattern]) -> Iterator[tuple[Category, list[Pattern]]]:
    """The patterns of each kind, sorted by name."""
    found = sorted(patterns, key=lambda item: item.name)
    for category in CATEGORIES:
        yield category, [item for item in found if item.category == category]


def example_use(found: Pattern) -> str:
    """How a key uses the pattern, as YAML."""
    values = catalogue.example(found, EXAMPLE_SETTING)
    if not values:
        return f"patterns: [{found.name}]"
    lines = ["patterns:", f"  - name: {found.name}", "    parameters:"]
    return "\n".join([*lines, *(f"      {name}: {json.dumps(list(items))}" for name, items in values.items())])


def example_statements(found: Pattern) -> str:
    """The statements of the example, as a key policy's JSON."""
    values = catalogue.example(found, EXAMPLE_SETTING)
    return as_json(PolicyDocument(catalogue.expand(found.name, values, EXAMPLE_SETTING)), indent=2)


def pattern_document(found: Pattern) -> dict[str, Any]:
    """A pattern as `--json` shows it."""
    return {
        "name": found.name,
        "title": found.title,
        "category": found.category,
        "summary": found.summary,
        "key": {"usages": found.key.usages, "specs": found.key.specs, "regions": found.key.regions},
        "parameters": {
            item.name: {
                "type": item.type,
                "description": item.description,
                "required": item.required,
                "default": item.default,
                "pattern": item.pattern,
                "minimum": item.minimum,
                "maximum": item.maximum,
            }
            for item in found.parameters
        },
        "example": {
            "parameters": catalogue.example(found, EXAMPLE_SETTING),
            "policy": json.loads(example_statements(found)),
        },
        "allowed": [case.name for case in found.allowed],
        "denied": [case.name for case in found.denied],
        "notes": found.notes,
        "sources": [{"url": item.url, "read": item.read, "confidence": item.confidence} for item in found.sources],
    }


def pattern_text(found: Pattern) -> str:
    """A pattern explained, for the terminal."""
    lines = [f"{found.name}: {found.title}", "", found.summary, "", f"key: {_key(found)}", "", "parameters:"]
    lines += [f"  {item.name}: {item.description} ({_rule(item)})" for item in found.parameters] or ["  none"]
    lines += ["", "in keys.yaml, under the key:", *_indented(example_use(found))]
    lines += ["", "what that says:", *_indented(example_statements(found))]
    lines += ["", "allowed:", *(f"  {case.name}" for case in found.allowed)]
    lines += ["", "denied:", *(f"  {case.name}" for case in found.denied)]
    lines += ["", "notes:", *(f"  {note}" for note in found.notes)] if found.notes else []
    lines += ["", "sources:", *(f"  {item.url} (read {item.read}{_doubt(item.confidence)})" for item in found.sources)]
    return "\n".join(lines)


def list_text(patterns: Iterable[Pattern]) -> str:
    """All patterns, a line each."""
    lines: list[str] = []
    for category, items in by_category(patterns):
        lines += [f"{CATEGORIES[category]}:", *(f"  {item.name:<34} {item.summary}" for item in items), ""]
    return "\n".join([*lines, "keywright policy patterns NAME explains one."])


def page() -> str:
    """The page of documentation, in Markdown."""
    patterns = list(catalogue.load().patterns.values())
    lines = [
        "# Policy patterns",
        "",
        f"The catalogue has {len(patterns)} patterns. A key uses them by name under `patterns:` in its file, and the",
        "Terraform module under `policy_patterns`, in the same form. They follow the generated statements in the order",
        "they are written; each may be used more than once. `keywright policy patterns NAME` shows the statements too.",
        "",
        "Every sentence under *allows* and *denies* is a request that the tests decide. This page is written from the",
        "catalogue: `python -m keywright._internal.policy.pattern_pages docs/patterns.md`.",
    ]
    for category, items in by_category(patterns):
        lines += ["", f"## {CATEGORIES[category]}", "", _ABOUT[category], "", "| pattern | |", "|---|---|"]
        lines += [f"| [{item.name}](#{item.name}) | {_cell(item.title)} |" for item in items]
        for item in items:
            lines += _section(item)
    return "\n".join(lines) + "\n"


def _section(found: Pattern) -> Iterator[str]:
    yield from ("", f"### {found.name}", "", found.summary, "", f"For keys of {_key(found)}.", "")
    if found.parameters:
        yield from ("| parameter | what | rule |", "|---|---|---|")
        for item in found.parameters:
            yield f"| `{item.name}` | {_cell(item.description)} | {_cell(_rule(item))} |"
        yield ""
    yield from ("```yaml", example_use(found), "```", "", "Allows:", "")
    yield from (f"- {case.name}" for case in found.allowed)
    yield from ("", "Denies:", "")
    yield from (f"- {case.name}" for case in found.denied)
    if found.notes:
        yield ""
        yield from (f"> {note}" for note in found.notes)
    yield ""
    yield "Source: " + ", ".join(f"[{_page(item.url)}]({item.url}) ({item.read}{_doubt(item.confidence)})"
                                 for item in found.sources)  # fmt: skip


def _key(found: Pattern) -> str:
    usages = ", ".join(_USAGES[usage] for usage in found.key.usages)
    text = "any usage" if len(found.key.usages) == len(_USAGES) else usages
    text += f", spec {' or '.join(found.key.specs)}" if found.key.specs else ""
    return text + (f", in {' or '.join(found.key.regions)}" if found.key.regions else "")


def _rule(parameter: Parameter) -> str:
    kind = {"strings": "a list", "string": "one value", "integer": "a whole number"}[parameter.type]
    parts = [kind, "required" if parameter.required else f"default {', '.join(parameter.default) or 'none'}"]
    if parameter.minimum is not None and parameter.maximum is not None:
        parts.append(f"{parameter.minimum} to {parameter.maximum}")
    return "; ".join(parts)


def _doubt(confidence: str) -> str:
    return {"doc": "", "2nd": ", second-hand", "unc": ", uncertain"}[confidence]


def _page(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2].partition("#")[0]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _indented(text: str) -> Iterator[str]:
    return (f"  {line}" for line in text.splitlines())


def main(arguments: Sequence[str]) -> int:
    """Write the page, or say whether it is current; 1 where it is not."""
    check = "--check" in arguments
    files = [Path(item) for item in arguments if item != "--check"]
    if len(files) != 1:
        sys.stderr.write("usage: python -m keywright._internal.policy.pattern_pages [--check] FILE\n")
        return 2
    current = files[0].exists() and files[0].read_text(encoding="utf-8") == page()
    if check:
        return 0 if current else 1
    files[0].write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
