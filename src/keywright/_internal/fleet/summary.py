"""Results of many accounts in few words: accounts in which the same happened are one group."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from keywright._internal.counting import counted
from keywright._internal.fleet.account_work import (
    AccountResult,
    ApplyKeys,
    FindDrift,
    PlanKeys,
    TellOutputs,
    VerifyKeys,
    Work,
)

_KEY_ID: Final = re.compile(r"mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts in which the same happened.

    Args:
        results: theirs.
        headline: what happened, in a sentence.
        lines: more about it; of several accounts with ACCOUNT and KEY for what differs.
    """

    results: tuple[AccountResult, ...]
    headline: str
    lines: tuple[str, ...]


def groups(work: Work, results: Iterable[AccountResult]) -> tuple[Group, ...]:
    """The results by what happened, what went wrong last."""
    alike: dict[tuple[int, str, tuple[str, ...]], list[AccountResult]] = {}
    for result in results:
        headline, lines = described(work, result)
        order = -1 if result.exit_code is None else result.exit_code
        alike.setdefault((order, *_alike(result, headline, lines)), []).append(result)
    found: list[Group] = []
    for (_, headline, lines), items in sorted(alike.items(), key=lambda item: item[0][0]):
        whole = described(work, items[0]) if len(items) == 1 else (headline, lines)
        found.append(Group(tuple(items), *whole))
    return tuple(found)


def _alike(result: AccountResult, headline: str, lines: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    def same(text: str) -> str:
        return _KEY_ID.sub("KEY", text.replace(result.account, "ACCOUNT"))

    return same(headline), tuple(map(same, lines))


def described(work: Work, result: AccountResult) -> tuple[str, tuple[str, ...]]:
    """What happened in an account: a sentence, and more about it line by line."""
    if result.exit_code is None:
        return "not begun", ()
    if result.error is not None:
        message, remedy = result.error["message"], result.error["remedy"]
        lines = [f"{item['field']}: {item['message']}" for item in result.error["problems"]]
        return f"{'failed' if result.entered else 'not entered'}: {message}", (*([remedy] if remedy else []), *lines)
    document = result.document or {}
    headline, lines_of = _WORDS[type(work)]
    return headline(document), tuple(lines_of(document))


def _plan(document: Document) -> str:
    counts = document["counts"]
    if not document["changes"] and not document["errors"]:
        return "No changes."
    refused = f", {counts['refused']} refused" if counts["refused"] else ""
    return f"Plan: {counts['create']} to create, {counts['update']} to update, {counts['unchanged']} unchanged{refused}"


def _plan_lines(document: Document) -> Iterator[str]:
    for name, steps in document["changes"].items():
        for step in steps:
            remedy = f" ({step['reason']})" if step["action"] == "refuse" and step["reason"] else ""
            yield f"{name}: {step['summary']}{remedy}"
    for name, claims in document["claims"].items():
        refuted = (item for item in claims if item["verdict"] == "REFUTED" and not item["waived"])
        yield from (f"{name}: claim refuted: {item['sentence']}" for item in refuted)
    for name, findings in document["findings"].items():
        yield from (f"{name}: {item['severity']} {item['id']}: {item['message']}" for item in findings)
    yield from (f"{name}: {error}" for name, error in document["errors"].items())
    yield from _notes(document)


def _notes(document: Document) -> Iterator[str]:
    return (f"note: {note}" for note in document["notes"])


def _apply(document: Document) -> str:
    keys = document["keys"].values()
    failed = sum(item["error"] is not None for item in keys)
    created = sum(_creates(item) for item in keys if item["error"] is None)
    changed = sum(bool(item["applied"]) for item in keys if item["error"] is None) - created
    same = len(keys) - created - changed - failed
    return f"{created} created, {changed} updated, {same} unchanged, {failed} failed"


def _creates(item: Document) -> bool:
    return any(line.startswith("created arn:") for line in item["applied"])


def _apply_lines(document: Document) -> Iterator[str]:
    for name, item in document["keys"].items():
        if item["error"] is not None:
            yield f"{name}: {item['error']}"


def _verify(document: Document) -> str:
    uses = document["uses"]
    tried = sum(uses.values())
    used = f"; {uses['worked']} of {counted(tried, 'use')} worked" if tried else ""
    return _in_sync(item["in_sync"] for item in document["keys"].values()) + used


def _verify_lines(document: Document) -> Iterator[str]:
    for name, item in document["keys"].items():
        yield from (f"{name}: {difference['summary']}" for difference in item["differences"])
        yield from (f"{name}: {use['use']}: {use['reason']}" for use in item["use"] if use["result"] == "failed")
        yield from (f"{name}: claim refuted: {claim['sentence']}" for claim in item["refuted_claims"])
        yield from ([f"{name}: {item['error']}"] if item["error"] else ())
    yield from _notes(document)


def _drift(document: Document) -> str:
    known = sum(item["news"] == "known" for item in document["keys"].values())
    before = f"; {known} drifted as before" if known else ""
    return _in_sync(item["status"] == "in_sync" for item in document["keys"].values()) + before


def _drift_lines(document: Document) -> Iterator[str]:
    for name, item in document["keys"].items():
        if item["news"] not in {"new", "resolved"}:
            continue
        if item["status"] != "drift":
            yield f"{name}: {item['status'].replace('_', ' ')}"
        yield from (f"{name}: {difference['summary']}" for difference in item["differences"])
        yield from ([f"{name}: {item['error']}"] if item["error"] else ())
    yield from _notes(document)


def _outputs(document: Document) -> str:
    return counted(len(document["keys"]), "key")


def _output_lines(document: Document) -> Iterator[str]:
    for name, item in document["keys"].items():
        yield f"{name}: {item['key_arn']} {item['primary_alias'] or ''}".rstrip()
    yield from (f"{name}: {error}" for name, error in document["errors"].items())


def _in_sync(keys: Iterable[bool]) -> str:
    found = list(keys)
    return f"{sum(found)} of {counted(len(found), 'key')} in sync"


_WORDS: Final[dict[type, tuple[Callable[[Document], str], Callable[[Document], Iterable[str]]]]] = {
    PlanKeys: (_plan, _plan_lines),
    ApplyKeys: (_apply, _apply_lines),
    VerifyKeys: (_verify, _verify_lines),
    FindDrift: (_drift, _drift_lines),
    TellOutputs: (_outputs, _output_lines),
}
