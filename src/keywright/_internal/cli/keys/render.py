"""Plans, outcomes and notes as text and as documents."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.printable import printable
from keywright._internal.counting import counted
from keywright._internal.proof.claims.result import Verdict

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from keywright._internal.lifecycle.claims import Proved
    from keywright._internal.lifecycle.impact import Impact, Impacts
    from keywright._internal.lifecycle.reporting import KeyOutcome
    from keywright._internal.lifecycle.session import StackState
    from keywright._internal.lifecycle.steps import Plan, Step
    from keywright._internal.lifecycle.target import Target
    from keywright._internal.policy.stack_policies import DeclaredPolicy
    from keywright._internal.proof.findings.finding import Finding
    from keywright.errors import KeywrightError

NOTHING = "No changes. AWS matches the configuration."
_MOST_NAMED = 5
_MOST_POLICIES = 20

_SIGNS = {
    "create": "+", "replicate": "+", "alias": "+", "tag": "+", "create-grant": "+", "revoke-grant": "-",
    "discard": "-", "untag": "-", "unalias": "-",
    "refuse": "!",
}  # fmt: skip
_COLOURS = {"+": "green", "~": "yellow", "-": "red", "!": "red"}


def show_line(sign: str, text: str, *, err: bool = False) -> None:
    """One line of a change, its sign in colour on a terminal."""
    stream = sys.stderr if err else sys.stdout
    coloured = stream.isatty() and not os.environ.get("NO_COLOR")
    typer.echo(
        f"  {typer.style(sign, fg=_COLOURS[sign]) if coloured else sign} {printable(text)}", err=err, color=coloured
    )


def show_plan(plan: Plan, impacts: Impacts, *, err: bool = False, unfolded: bool = False) -> None:
    """What would be done to each key, and why; `unfolded` names every action that somebody gains or loses."""
    for item in plan.changing:
        location = item.target.location
        typer.echo(f"{item.name}  ({location.region}, account {location.account})", err=err)
        for step in item.steps:
            show_step(step, impacts.of(item.name, step), err=err, unfolded=unfolded)
            if step.action == "create":
                _show_access(item.target, err=err)


def show_step(step: Step, impact: Impact | None = None, *, err: bool = False, unfolded: bool = False) -> None:
    """One step, with its reason, details and impact below it."""
    show_line(_SIGNS.get(step.action, "~"), step.summary, err=err)
    lines = [step.reason] if step.reason else []
    lines += [f"- {line}" for line in (*step.details, *(impact.lines(unfolded=unfolded) if impact else ()))]
    for line in lines:
        typer.echo(f"      {printable(line)}", err=err)


def _show_access(target: Target, *, err: bool) -> None:
    for line in access_lines(target):
        typer.echo(f"      - {line}", err=err)


def access_lines(target: Target) -> tuple[str, ...]:
    """Who would have access to a new key; for as many different policies as a person reads."""
    policy = target.declared_policies[0]
    if policy.text not in _SHOWN and len(_SHOWN) < _MOST_POLICIES:
        _SHOWN[policy.text] = tuple(_access(policy))
    return _SHOWN.get(policy.text, ())


_SHOWN: dict[str, tuple[str, ...]] = {}
"""The access lines of policies that were shown, by the policy's text."""


def _access(policy: DeclaredPolicy) -> Iterator[str]:
    from keywright._internal.proof.difference.explanation import explain_declared

    for item in explain_declared(policy).table:
        verbs = {"administers it": item.administer, "uses it": item.use, "deletes it": item.delete}
        can = [f"{words}{'' if how == 'yes' else f' ({how})'}" for words, how in verbs.items() if how != "no"]
        yield f"{item.principal}: {', '.join(can) or 'no access'}"


def summary(plan: Plan) -> str:
    """A plan in one line."""
    counts = plan.counts
    text = f"Plan: {counts['create']} to create, {counts['update']} to update, {counts['unchanged']} unchanged"
    return text + (f", {counts['refused']} refused." if counts["refused"] else ".")


def show_claims(claims: Mapping[str, Sequence[Proved]], *, changing: Collection[str], err: bool = False) -> None:
    """What is proved about the policies that would be written, what is waived, and what is refuted about any."""
    proved = sum(item.result.verdict is Verdict.PROVED for name in changing for item in claims.get(name, ()))
    if proved:
        typer.echo(f"policies: {counted(proved, 'claim')} proved", err=err)
    others: dict[tuple[str, str, str], list[str]] = {}
    for name, items in claims.items():
        for item in items:
            result = item.result
            if result.verdict is not Verdict.PROVED and (
                item.waived or result.verdict is Verdict.REFUTED or name in changing
            ):
                witness = result.witness.sentence if result.witness else ""
                verdict = f"{result.verdict}, WAIVED ({item.waived})" if item.waived else str(result.verdict)
                shown = (verdict, f"{result.claim}: {result.reason}", "" if witness in result.reason else witness)
                others.setdefault(shown, []).append(f"{name} ({item.region})")
    for (verdict, text, witness), places in others.items():
        show_line("!", f"policies: {verdict}: {text}", err=err)
        if witness:
            typer.echo(f"      {witness}", err=err)
        typer.echo(f"      in {_listed(places)}", err=err)


def show_findings(findings: Mapping[str, Sequence[tuple[str, Finding]]]) -> None:
    """What `policy check` finds in the policies; the same finding of many keys once."""
    places: dict[str, list[str]] = {}
    for name, items in findings.items():
        for region, item in items:
            where = f"{item.statement}: " if item.statement else ""
            text = f"policies: {item.severity} {item.id}: {where}{item.message}"
            places.setdefault(text, []).append(f"{name} ({region})")
    for text, names in places.items():
        show_line("!", text)
        typer.echo(f"      in {_listed(names)}")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def show_notes(state: StackState) -> None:
    """What isn't a change, and worth knowing."""
    for line in state.notes():
        typer.echo(f"note: {line}", err=True)


def show_failures(failures: Iterable[tuple[str, KeywrightError]]) -> None:
    """Why keys failed; the same reason of many keys once."""
    for names, error in _grouped(failures):
        typer.echo(f"{names}: {error}", err=True)


def _grouped(failures: Iterable[tuple[str, KeywrightError]]) -> Iterable[tuple[str, str]]:
    """Errors of which the same is said of several keys, once, with the keys and their number."""
    by_text: dict[str, list[str]] = {}
    for name, error in failures:
        by_text.setdefault(str(error).replace(f"`{name}`", "`NAME`"), []).append(name)
    for text, names in by_text.items():
        if len(names) == 1:
            yield names[0], text.replace("`NAME`", f"`{names[0]}`")
        else:
            yield f"{counted(len(names), 'key')} ({_listed(names)})", text


def finish(outcomes: Sequence[KeyOutcome], *, as_json: bool, title: str, changed: str) -> None:
    """Say what was done and what wasn't; exit 2 where something failed.

    Args:
        outcomes: how it went, by key.
        as_json: as one document.
        title: what is complete, for example `Apply`.
        changed: what happened to keys that were changed, for example `updated`.
    """
    failed = [item for item in outcomes if item.error]
    if as_json:
        print_document({"keys": {item.name: item.as_document() for item in outcomes}})
    else:
        created = sum(item.created and not item.error for item in outcomes)
        updated = sum(bool(item.applied) and not item.created and not item.error for item in outcomes)
        same = len(outcomes) - created - updated - len(failed)
        counts = [f"{created} created"] if created else []
        counts += [f"{updated} {changed}", f"{same} unchanged", f"{len(failed)} failed"]
        typer.echo(f"{title} {'incomplete' if failed else 'complete'}: {', '.join(counts)}")
        for names, text in _grouped((item.name, item.error) for item in failed if item.error):
            show_line("!", f"{names}: {text}", err=True)
        for item in failed:
            if item.applied:
                typer.echo(f"      {item.name}, applied before it failed: {'; '.join(item.applied)}", err=True)
    if failed:
        raise typer.Exit(2)
