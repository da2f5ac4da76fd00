"""`keywright policy simulate`: what a key policy decides on one request, or on many."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.policy.reading import identity_policy as read_identity_policy
from keywright._internal.cli.policy.reading import resource_policy
from keywright._internal.cli.printable import say
from keywright._internal.input_file import read_text
from keywright.errors import InputError, UnreadableFile, UsageError

if TYPE_CHECKING:
    from keywright._internal.proof.evaluation.decision import Decision, Mismatch, StatementTrace
    from keywright._internal.proof.evaluation.grants import Grant


def simulate(  # noqa: PLR0917 - a file each
    policy: Annotated[Path | None, typer.Option(help="The key's policy, JSON.", show_default=False)] = None,
    request: Annotated[
        Path | None, typer.Option(help='{"principal", "action", "resource", "context"}, JSON.', show_default=False)
    ] = None,
    identity_policy: Annotated[
        list[Path] | None, typer.Option(help="An identity policy of the caller; repeatable.", show_default=False)
    ] = None,
    service_control_policy: Annotated[
        list[Path] | None,
        typer.Option(help="In force on the caller's account; one must allow. Repeatable.", show_default=False),
    ] = None,
    resource_control_policy: Annotated[
        list[Path] | None, typer.Option(help="In force on the key's account; repeatable.", show_default=False)
    ] = None,
    permissions_boundary: Annotated[Path | None, typer.Option(help="The caller's.", show_default=False)] = None,
    session_policy: Annotated[
        Path | None, typer.Option(help="That of the caller's session.", show_default=False)
    ] = None,
    endpoint_policy: Annotated[
        Path | None, typer.Option(help="That of the VPC endpoint of the call.", show_default=False)
    ] = None,
    grants: Annotated[
        Path | None, typer.Option(help="The key's grants: a list as KMS's ListGrants shows it.", show_default=False)
    ] = None,
    batch: Annotated[
        Path | None,
        typer.Option(
            help='One case a line, {"id", "policy", "request", "identity_policies"}; - reads stdin.',
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Decide whether a key policy and the other policies in force allow a request, and say why.

    The context is taken as given. Only what follows from the caller and the key is filled in where it is missing:
    aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalType, aws:PrincipalIsAWSService, aws:PrincipalServiceName
    (and its list), aws:username, aws:ViaAWSService, kms:CallerAccount, aws:ResourceAccount and aws:RequestedRegion.

    Exit code 0: allowed, or every case of a batch answered. 1: denied. 2: bad input; of a batch, after all answers,
    if any case wasn't understood.
    """
    if batch is not None:
        if policy is not None or request is not None:
            raise UsageError("`--batch` holds policies and requests itself", "leave out `--policy` and `--request`")
        _simulate_batch(batch)
        return
    if policy is None or request is None:
        raise UsageError("give `--policy` and `--request`, or `--batch`", "see `keywright policy simulate --help`")
    from keywright._internal.policy.parsing import decode_json
    from keywright._internal.proof.evaluation.evaluator import evaluate
    from keywright._internal.proof.evaluation.request import Request

    asked = Request.from_document(decode_json(read_text(request), file=str(request)))
    decision = evaluate(
        resource_policy(policy),
        asked,
        identity_policies=[read_identity_policy(path) for path in identity_policy or ()],
        service_control_policies=[read_identity_policy(path) for path in service_control_policy or ()],
        resource_control_policies=[resource_policy(path) for path in resource_control_policy or ()],
        permissions_boundary=read_identity_policy(permissions_boundary) if permissions_boundary else None,
        session_policy=read_identity_policy(session_policy) if session_policy else None,
        endpoint_policy=resource_policy(endpoint_policy) if endpoint_policy else None,
        grants=_grants(grants),
    )
    if as_json:
        print_document(_document(decision))
    else:
        say(_report(decision))
    if not decision.allowed:
        raise typer.Exit(1)


def _simulate_batch(path: Path) -> None:
    from keywright._internal.proof.evaluation.batch import answer_all

    failed = 0
    try:
        with sys.stdin if str(path) == "-" else path.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
            for answer in answer_all(lines):
                failed += answer.error is not None
                sys.stdout.write(json.dumps(answer.as_document()) + "\n")
    except OSError as error:
        raise UnreadableFile(f"cannot read `{path}`: {(error.strerror or str(error)).lower()}") from error
    if failed:
        cases = "one case wasn't" if failed == 1 else f"{failed} cases weren't"
        say(f"{cases} understood; see `error` in the answers", err=True)
        raise typer.Exit(2)


def _grants(path: Path | None) -> list[Grant]:
    from keywright._internal.policy.parsing import decode_json
    from keywright._internal.proof.evaluation.grants import Grant

    if path is None:
        return []
    value = decode_json(read_text(path), file=str(path))
    if isinstance(value, dict) and "Grants" in value:
        value = value["Grants"]
    if not isinstance(value, list):
        raise InputError(f"`{path}` holds no list of grants", "give what KMS's ListGrants shows")
    return [Grant.from_document(item) for item in value]


def _document(decision: Decision) -> dict[str, Any]:
    return {
        "decision": decision.outcome.value,
        "path": decision.path,
        "reason": decision.reason,
        "undecided": decision.undecided,
        "statements": list(decision.statements),
        "trace": [_statement(item) for item in decision.trace],
    }


def _statement(trace: StatementTrace) -> dict[str, Any]:
    return {
        "policy": trace.policy,
        "index": trace.index,
        "sid": trace.sid,
        "effect": trace.effect,
        "matched": trace.matched,
        "principal_match": trace.level,
        "decisive": trace.decisive,
        "mismatches": [_mismatch(item) for item in trace.mismatches],
    }


def _mismatch(mismatch: Mismatch) -> dict[str, Any]:
    condition = mismatch.condition
    return {
        "element": mismatch.element,
        "operator": condition.operator if condition else None,
        "key": condition.key if condition else None,
        "message": mismatch.message,
        "wanted": list(mismatch.wanted),
        "given": list(mismatch.given),
    }


def _report(decision: Decision) -> str:
    lines = [f"{decision.outcome.value}: {decision.reason}"]
    if decision.undecided:
        lines.append(f"  open: {decision.undecided}")
    policy = ""
    for trace in decision.trace:
        if trace.policy != policy:
            policy = trace.policy
            lines += ["", policy]
        mark = "decides" if trace.decisive else "matches" if trace.matched else "no match"
        lines.append(f"  {mark:<9} {trace.effect} {trace.name}")
        lines += [f"            {mismatch.element}: {mismatch.message}" for mismatch in trace.mismatches]
    return "\n".join(lines)
