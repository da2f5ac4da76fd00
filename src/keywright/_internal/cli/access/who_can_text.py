"""What `who-can` shows to people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from keywright._internal.counting import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_SHOWN = 50


def key_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Everybody who can call the actions on one key."""
    state = document["key_state"]
    yield f"{document['key']}{f' (state: {state})' if state not in {None, 'Enabled'} else ''}"
    if document["same_material"]:
        yield f"same key material, with a policy of its own: {', '.join(document['same_material'])}"
    for action in document["actions"]:
        rows = [item for item in document["rows"] if item["action"] == action]
        yield ""
        yield f"{action}: {counted(len(rows), 'principal')}"
        for item in rows[:_SHOWN]:
            yield from _row(item)
        if len(rows) > _SHOWN:
            yield f"  … and {len(rows) - _SHOWN} more; --json has them all"
    for title, name in (("from outside", "outsiders"), ("AWS services", "services")):
        if document[name]:
            yield from ("", f"{title}:", *(line for item in document[name] for line in _outsider(item)))
    if document["public"] is not None:
        yield from ("", "everybody, from any account:", *_outsider(document["public"]))
    yield from _steps(document["may_gain"])


def unread_lines(not_read: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What wasn't read, a line each with one before it."""
    for item in not_read:
        where = " ".join(str(item[name]) for name in ("account", "region", "key") if item[name])
        yield from ("", f"not read: {where + ': ' if where else ''}{item['operation']}: {item['reason']}")


def _steps(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not steps:
        return
    principals = counted(len({item["principal"] for item in steps}), "principal")
    yield from ("", f"may give themselves access: {principals}")
    for item in steps[:_SHOWN]:
        under = "" if item["access"] == "yes" else f" ({item['access']})"
        yield f"  {item['principal']}: {item['by']} on {item['on']}{under}"
    if len(steps) > _SHOWN:
        yield f"  … and {len(steps) - _SHOWN} more; --json has them all"


def _row(item: Mapping[str, Any]) -> Iterator[str]:
    ways = "; ".join(way["summary"] for way in item["through"])
    yield f"  {item['access']:<11} {item['principal']}"
    if ways:
        yield f"              through {ways}"
    if item["access"] == "unknown":
        yield f"              {item['reason']}"
    elif item["conditions"] is not None:
        yield f"              {item['conditions']['summary']}"
    if item["statements"]:
        yield f"              by {', '.join(map(_place, item['statements']))}"


def _place(item: Mapping[str, Any]) -> str:
    """Where a statement that decides stands."""
    line = f", line {item['line']}" if item["line"] is not None else ""
    return f"the {item['effect']} `{item['statement']}` ({item['policy']}{line})"


def _outsider(item: Mapping[str, Any]) -> Iterator[str]:
    yield f"  {item['access']:<11} {item['principal']}: {item['action']}"
    if item["conditions"] is not None:
        yield f"              {item['conditions']['summary']}"
