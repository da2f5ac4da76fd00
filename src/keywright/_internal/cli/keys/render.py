"""Plans, outcomes and notes as text and as documents."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import typer

from keywright._internal.cli.keys.session import StackState
from keywright._internal.counting import counted
from keywright._internal.lifecycle.apply import Outcome
from keywright._internal.lifecycle.claims import Proved
from keywright._internal.lifecycle.planning import Step
from keywright._internal.lifecycle.target import Target
from keywright._internal.policy.stack_policies import DeclaredPolicy
from keywright._internal.proof.claims.result import Verdict
from keywright.errors import KeywrightError

_MOST_PLACES = 5
_MOST_POLICIES = 20
NOTHING = "nothing to do: AWS matches the file"

_SIGNS = {
    "create": "+", "replicate": "+", "alias": "+", "tag": "+", "discard": "-", "untag": "-", "unalias": "-",
    "refuse": "!",
}  # fmt: skip


def show_steps(steps: Mapping[str, Sequence[Step]], view: StackState, *, err: bool = False) -> None:
    """What would be done to each key, and why."""
    for target in view.targets:
        if steps.get(target.name):
            typer.echo(f"{target.name}  ({target.location.region}, account {target.location.account})", err=err)
            for step in steps[target.name]:
                show_step(step, err=err)
                if step.verb == "create":
                    show_access(target, err=err)


def show_access(target: Target, *, err: bool) -> None:
    """Who would have access to a new key; for as many different policies as a person reads."""
    policy = target.declared_policies[0]
    if policy.text not in _SHOWN and len(_SHOWN) < _MOST_POLICIES:
        _SHOWN[policy.text] = tuple(_access(policy))
    for line in _SHOWN.get(policy.text, ()):
        typer.echo(f"      - {line}", err=err)


_SHOWN: dict[str, tuple[str, ...]] = {}
"""The access lines of policies that were shown, by the policy's text."""


def _access(policy: DeclaredPolicy) -> Iterator[str]:
    from keywright._internal.proof.difference.explanation import explain_declared

    for item in explain_declared(policy).table:
        verbs = {"administers it": item.administer, "uses it": item.use, "deletes it": item.delete}
        can = [f"{words}{'' if how == 'yes' else f' ({how})'}" for words, how in verbs.items() if how != "no"]
        yield f"{item.principal}: {', '.join(can) or 'no access'}"


def show_step(step: Step, *, err: bool = False) -> None:
    """One step, with its reason and details below it."""
    typer.echo(f"  {_SIGNS.get(step.verb, '~')} {step.words}", err=err)
    if step.why:
        typer.echo(f"      {step.why}", err=err)
    for line in step.details:
        typer.echo(f"      - {line}", err=err)


def show_claims(claims: Mapping[str, Sequence[Proved]], *, changing: Collection[str], err: bool = False) -> None:
    """What is proved about the policies that would be written, and whatever is refuted about any."""
    proved = 0
    others: dict[tuple[str, str, str], list[str]] = {}
    for name, items in claims.items():
        for item in items:
            result = item.result
            if result.verdict is Verdict.PROVED:
                proved += name in changing
            elif result.verdict is Verdict.REFUTED or name in changing:
                witness = result.witness.sentence if result.witness else ""
                verdict = f"{result.verdict}, but waived" if item.waived else str(result.verdict)
                shown = (verdict, f"{result.claim}: {result.reason}", "" if witness in result.reason else witness)
                others.setdefault(shown, []).append(f"{name} ({item.region})")
    if proved:
        typer.echo(f"policies: {counted(proved, 'claim')} proved", err=err)
    for (verdict, words, witness), places in others.items():
        typer.echo(f"policies: {verdict}: {words}", err=err)
        if witness:
            typer.echo(f"    {witness}", err=err)
        more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
        typer.echo(f"    of {', '.join(places[:_MOST_PLACES])}{more}", err=err)


def claims_document(claims: Mapping[str, Sequence[Proved]]) -> dict[str, list[dict[str, Any]]]:
    """The claims' results for `--json`, by key."""
    return {
        name: [{"region": item.region, **item.result.as_document()} for item in items] for name, items in claims.items()
    }


def show_notes(view: StackState) -> None:
    """Keys of the stack that the file doesn't have, and replicas that it no longer names."""
    for line in notes(view):
        typer.echo(f"note: {line}", err=True)


def notes(view: StackState) -> list[str]:
    """What isn't a change, and worth knowing."""
    found = [
        f"{stray.words}; leaving a key out never deletes it: put it back and `keywright destroy --key {stray.name}`, "
        "or remove its `keywright:` tags"
        for stray in view.observation.strays
    ]
    for target in view.targets:
        observed = view.observation.observed.get(target.name)
        for region, replica in sorted(observed.replicas.items()) if observed else ():
            if region not in target.key.replica_regions and not replica.pending_deletion:
                found.append(
                    f"{replica.metadata.arn} is a replica of `{target.name}` that the file no longer names; "
                    "it is left as it is"
                )
    unreadable = sorted({arn for listing in view.observation.listings.values() for arn in listing.unreadable})
    if unreadable:
        found.append(
            f"you may not read the tags of {counted(len(unreadable), 'key')} that the tagging API doesn't list; "
            "a key of this stack among them would not be seen"
        )
    return found


def show_failures(failures: Mapping[str, KeywrightError]) -> None:
    """Why keys couldn't be looked at."""
    for name, error in failures.items():
        typer.echo(f"{name}: {error}", err=True)


def finish(outcomes: Sequence[Outcome], as_json: bool, *, verb: str) -> None:
    """Say what was done and what wasn't; exit 2 where something wasn't."""
    failed = [item for item in outcomes if item.error]
    if as_json:
        document = {
            item.name: {"done": list(item.done), "error": str(item.error) if item.error else None} for item in outcomes
        }
        typer.echo(json.dumps({"keys": document}))
    else:
        changed = sum(bool(item.done) and not item.error for item in outcomes)
        same = len(outcomes) - changed - len(failed)
        parts = [
            f"{counted(changed, 'key')} {verb}",
            *([f"{same} as {'it' if same == 1 else 'they'} should be already"] if same else ()),
        ]
        typer.echo(", ".join([*parts, f"{len(failed)} not"]))
        for item in failed:
            done = f" (done before: {'; '.join(item.done)})" if item.done else ""
            typer.echo(f"  not {verb}: {item.name}: {item.error}{done}")
    if failed:
        raise typer.Exit(2)


def add_unlocated(outcomes: Sequence[Outcome], view: StackState) -> tuple[Outcome, ...]:
    """The outcomes with those of keys that couldn't even be looked at."""
    known = {item.name for item in outcomes}
    return (*outcomes, *(Outcome(name, (), error) for name, error in view.failures.items() if name not in known))
