"""`keywright policy explain`: a key policy in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.cli.policy.reading import key_policy
from keywright.errors import UsageError

if TYPE_CHECKING:
    from keywright._internal.policy.document import PolicyDocument
    from keywright._internal.proof.difference.explanation import Explanation


def explain(
    file: Annotated[Path | None, typer.Argument(help="A keys file.", show_default=False)] = None,
    key: Annotated[str | None, typer.Argument(help="One key of it; all if omitted.", show_default=False)] = None,
    policy: Annotated[Path | None, typer.Option(help="A key policy, JSON.", show_default=False)] = None,
    account: Annotated[
        str | None, typer.Option(help="The key's account; else what the file or the policy says.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Explain each statement of a key policy in a sentence, and who can administer, use, grant and delete.

    `if allowed by IAM` needs an identity policy of the principal's own account too; `conditional` depends on
    circumstances that a statement names. Grants, which no policy shows, aren't counted.
    """
    if (file is None) is (policy is None):
        raise UsageError("give a keys file, or `--policy`", "see `keywright policy explain --help`")
    from keywright._internal.proof.difference.explanation import explain as in_words

    explained: dict[str, Explanation] = {}
    for name, (document, home, partition) in _policies(file, key, policy, account).items():
        explained[name] = in_words(document, account=home, partition=partition)
    if as_json:
        typer.echo(json.dumps({name: found.as_document() for name, found in explained.items()}))
    else:
        typer.echo("\n\n".join(_text(name, found) for name, found in explained.items()))


def _policies(
    file: Path | None, key: str | None, policy: Path | None, account: str | None
) -> dict[str, tuple[PolicyDocument, str | None, str]]:
    from keywright._internal.keysfile.stack import load_stack
    from keywright._internal.policy.stack_policies import stack_policies
    from keywright._internal.proof.findings.subject import PolicyView

    if policy is not None:
        view = PolicyView(key_policy(policy))
        return {str(policy): (view.document, account or view.own_account, view.own_partition or "aws")}
    if file is None:  # for the type checker: the command has refused it
        return {}
    stack = load_stack(file)
    chosen = stack if key is None else stack.only([key])
    return {
        item.label: (item.document, item.location.account, item.location.partition)
        for item in stack_policies(chosen, account=account)
    }


def _text(name: str, explanation: Explanation) -> str:
    lines = [f"{name}:", *(f"  {number}. {said}" for number, said in enumerate(explanation.statements, 1))]
    if not explanation.table:
        return "\n".join([*lines, "", "  no table: neither `--account` nor the policy says the key's account"])
    rows = [("", "administer", "use", "grant", "delete")]
    rows += [(line.principal, line.administer, line.use, line.grant, line.delete) for line in explanation.table]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", *(f"  {line}" for line in table)])
