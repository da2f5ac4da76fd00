"""`keywright policy explain`: a key policy in words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.policy.reading import is_key_policy, key_policy
from keywright._internal.cli.printable import say
from keywright.errors import UnwritableFile, UsageError

if TYPE_CHECKING:
    from keywright._internal.proof.difference.explanation import Explanation


def explain(
    file: Annotated[Path | None, typer.Argument(help="A keys file, or a key policy.", show_default=False)] = None,
    key: Annotated[str | None, typer.Argument(help="One key of it; all if omitted.", show_default=False)] = None,
    policy: Annotated[Path | None, typer.Option(help="A key policy, JSON.", show_default=False)] = None,
    account: Annotated[
        str | None, typer.Option(help="The key's account; else what the file or the policy says.", show_default=False)
    ] = None,
    svg: Annotated[
        Path | None, typer.Option(help="Draw one key's access, by statement, into this file.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Explain each statement of a key policy in a sentence, and who can administer, use, grant and delete.

    `if allowed by IAM` needs an identity policy of the principal's own account too; on what `conditional` depends is
    said below the table. Grants, which no policy shows, aren't counted.
    """
    if file is not None and policy is None and is_key_policy(file):
        explained = _of_policy(file, account)
    elif file is not None and policy is None:
        explained = _of_file(file, key, account)
    elif file is None and policy is not None:
        explained = _of_policy(policy, account)
    else:
        raise UsageError("give a keys file, or `--policy`", "see `keywright policy explain --help`")
    if svg is not None:
        _draw(svg, explained)
    if as_json:
        print_document({"policies": {name: found.as_document() for name, found in explained.items()}})
    else:
        say("\n\n".join(_text(name, found) for name, found in explained.items()))


def _of_file(file: Path, key: str | None, account: str | None) -> dict[str, Explanation]:
    from keywright._internal.keysfile.stack import load_stack
    from keywright._internal.policy.stack_policies import stack_policies
    from keywright._internal.proof.difference.explanation import explain_declared

    stack = load_stack(file, account)
    chosen = stack if key is None else stack.only([key])
    return {item.label: explain_declared(item) for item in stack_policies(chosen, account=account)}


def _of_policy(policy: Path, account: str | None) -> dict[str, Explanation]:
    from keywright._internal.proof.difference.explanation import explain as in_words

    return {str(policy): in_words(key_policy(policy).document, account=account)}


def _draw(path: Path, explained: dict[str, Explanation]) -> None:
    from keywright._internal.report.access_picture import Reach, access_picture

    if len(explained) != 1:
        raise UsageError("a picture is of one key", f"name it: {', '.join(explained)}")
    ((name, found),) = explained.items()
    if not found.table:
        raise UsageError("nothing says the key's account", "pass --account")
    reaches = [
        Reach(line.principal, line.levels, behind) for line, behind in zip(found.table, found.behind(), strict=True)
    ]
    try:
        path.write_text(access_picture(name, reaches, found.statements), encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UnwritableFile(f"`{path}` can't be written: {reason}", "name another file with --svg") from error


def _text(name: str, explanation: Explanation) -> str:
    lines = [f"{name}:", *(f"  {number}. {said}" for number, said in enumerate(explanation.statements, 1))]
    if not explanation.table:
        return "\n".join([*lines, "", "  no table: neither `--account` nor the policy says the key's account"])
    rows: list[tuple[str, ...]] = [("", "administer", "use", "grant", "delete")]
    rows += [(line.principal, *line.levels) for line in explanation.table]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    conditions = [f"{line.principal}: {words}" for line in explanation.table for words in line.conditions]
    if conditions:
        table += ["", *conditions]
    return "\n".join([*lines, "", *(f"  {line}".rstrip() for line in table)])
