"""`keywright why`: why a principal may, or may not, call an action on a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from keywright._internal.cli.access.arguments import DEFAULT_SNAPSHOT, AsJson, From, Via, actions_of
from keywright._internal.cli.printable import say
from keywright.errors import InputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright._internal.access.who_can import PrincipalAccess, WhoCan


def why(
    principal: Annotated[
        str, typer.Argument(help="The ARN of a role or user, a service, or an account.", show_default=False)
    ],
    action: Annotated[str, typer.Argument(help="Such as Decrypt or kms:CreateGrant.", show_default=False)],
    key: Annotated[str, typer.Argument(help="The key's ARN, id or alias.", show_default=False)],
    snapshot: From = DEFAULT_SNAPSHOT,
    via: Via = None,
    as_json: AsJson = False,
) -> None:
    """Explain whether a principal may call an action on a key, policy by policy, and what would flip it.

    Exit code 0: yes, or under a condition. 1: no. 2: unknown, or not everything was read.
    """
    from keywright._internal.access.loading import load
    from keywright._internal.access.reasons import why_document
    from keywright._internal.access.who_can import WhoCan
    from keywright._internal.cli.documents import print_document
    from keywright._internal.estate.estate_file import EstateFile

    actions = actions_of([action])
    if len(actions) != 1:
        raise UsageError(f"`{action}` is more than one action", "name one")
    with EstateFile.read(snapshot) as estate:
        who = WhoCan(load(estate, key))
    document = why_document(who, _finding(who, principal, actions[0], via), via)
    if as_json:
        print_document(document)
    else:
        say("\n".join(_lines(document)))
    if document["access"] == "unknown" or not document["complete"]:
        raise typer.Exit(2)
    if document["access"] == "no":
        raise typer.Exit(1)


def _finding(who: WhoCan, principal: str, action: str, via: str | None) -> PrincipalAccess:
    from keywright._internal.proof.evaluation.request import Caller

    (key,) = who.snapshot.keys.values()
    member = who.snapshot.members.get(principal)
    if member is not None:
        return who.of_member(member, key, action, via)
    caller = Caller.parse(principal, partition=key.location.partition)
    if caller.kind in {"role", "user"} and caller.session is None and caller.account in who.snapshot.iam.accounts:
        raise InputError(f"`{principal}` does not exist", "the snapshot has read every role and user of its account")
    return who.of_outsider(caller, key, action, via)


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield f"{document['access']}: {document['principal']} {document['action']} on {document['key']}"
    yield f"  {document['reason']}"
    if document["conditions"] is not None and document["conditions"]["summary"]:
        yield f"  {document['conditions']['summary']}"
    for layer in document["layers"]:
        yield ""
        yield f"{layer['policy']} {layer['says']}"
        for item in layer["statements"]:
            mark = "decides" if item["decisive"] else "matches" if item["matched"] else "no match"
            yield f"  {mark:<9} {item['effect']} {item['statement']}"
            yield from (f"            {message}" for message in item["mismatches"])
    if document["changes"]:
        yield from ("", "one of these changes would flip it:", *(f"  {item}" for item in document["changes"]))
    for item in document["not_read"]:
        yield from ("", f"not read: {item['operation']}: {item['reason']}")
