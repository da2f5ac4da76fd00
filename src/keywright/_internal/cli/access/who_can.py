"""`keywright who-can`: everybody who can call actions on a key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright._internal.cli.access.arguments import DEFAULT_SNAPSHOT, AsJson, From, Via, actions_of
from keywright._internal.cli.printable import say
from keywright._internal.counting import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from keywright._internal.access.snapshot import SnapshotKey
    from keywright._internal.access.who_can import WhoCan

_SHOWN = 50


def who_can(
    key: Annotated[str, typer.Argument(help="The key's ARN, id or alias.", show_default=False)],
    action: Annotated[
        list[str], typer.Argument(help="Such as Decrypt, kms:CreateGrant or GenerateDataKey*.", show_default=False)
    ],
    snapshot: From = DEFAULT_SNAPSHOT,
    via: Via = None,
    cases: Annotated[
        Path | None,
        typer.Option(help="Write each row as a case of `policy simulate --batch`.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say who can call actions on a key: by its policy, through IAM, through grants, from outside.

    A principal of the snapshot that isn't named has no access. Nothing is read from AWS.

    Exit code 0: everything was read. 2: something was not, and the answer may be incomplete.
    """
    from keywright._internal.access.loading import load
    from keywright._internal.access.report import who_can_document
    from keywright._internal.access.who_can import WhoCan
    from keywright._internal.cli.documents import print_document
    from keywright._internal.estate.estate_file import EstateFile
    from keywright._internal.estate.iam_file import ABOUT_IAM, ABOUT_KMS

    actions = actions_of(action)
    with EstateFile.read(snapshot) as estate:
        who = WhoCan(load(estate, key, about=ABOUT_KMS | ABOUT_IAM))
    (found,) = who.snapshot.keys.values()
    document = who_can_document(who, found, actions, via)
    if cases is not None:
        _write_cases(cases, who, found, actions, via)
    if as_json:
        print_document(document)
    else:
        say("\n".join(_lines(document)))
    if not document["complete"]:
        raise typer.Exit(2)


def _write_cases(path: Path, who: WhoCan, key: SnapshotKey, actions: Sequence[str], via: str | None) -> None:
    from keywright._internal.access.rows import case_document

    found = (item for action in actions for item in who.findings(key, action, via))
    lines = [json.dumps(case_document(item, number)) for number, item in enumerate(found, 1)]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
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
    for item in document["not_read"]:
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
