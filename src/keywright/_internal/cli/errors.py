"""`keywright errors`: what each error means and what to do about it, told from the classes themselves."""

from __future__ import annotations

from importlib import import_module
from inspect import cleandoc
from typing import TYPE_CHECKING, Annotated, Final

import typer

from keywright._internal.cli.documents import print_document
from keywright.errors import KeywrightError, UnknownName

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOMES: Final = (
    "keywright.errors",
    "keywright._internal.aws.errors",
    "keywright._internal.lifecycle.waiting",
    "keywright._internal.fleet.distributed",
)
"""The modules that define errors; a test finds those that are missing here."""

_HEAD: Final = """# Errors

What Keywright's errors mean and what to do. In text an error reads `error[ID]: message`, with the remedy below it; with
`--json` it is `{"error": {"id", "message", "remedy", "documentation", "problems"}}`. Every error ends with exit code 2,
an interruption with 130. `--verbose`, anywhere on the command line, adds the AWS calls made and the traceback.

This page is written from the error classes by `keywright errors --markdown`; `keywright errors ID` shows one section.
"""


def errors(
    error: Annotated[str | None, typer.Argument(help="One error's id; all if omitted.", show_default=False)] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the documentation page.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """List Keywright's errors, or explain one: what it means and what to do."""
    meanings = error_meanings()
    if error is not None and error not in meanings:
        raise UnknownName(f"there is no error `{error}`", "list them with `keywright errors`")
    chosen = meanings if error is None else {error: meanings[error]}
    if markdown:
        typer.echo("\n".join([_HEAD, *(f"## {name}\n\n{meaning}\n" for name, meaning in chosen.items())]), nl=False)
    elif as_json:
        print_document({"errors": [{"id": name, "meaning": meaning} for name, meaning in chosen.items()]})
    elif error is None:
        width = max(map(len, chosen))
        for name, meaning in chosen.items():
            typer.echo(f"{name:<{width}}  {meaning.partition(chr(10))[0]}")
    else:
        typer.echo(f"{error}: {chosen[error]}")


def error_meanings() -> dict[str, str]:
    """What each error means and what to do, by its id, sorted."""
    for home in _HOMES:
        import_module(home)
    return dict(sorted((kind.id, _meaning(kind)) for kind in _kinds(KeywrightError)))


def _kinds(base: type[KeywrightError]) -> Iterator[type[KeywrightError]]:
    if not base.__name__.startswith("_"):  # a private one never leaves its module
        yield base
    for kind in base.__subclasses__():
        yield from _kinds(kind)


def _meaning(kind: type[KeywrightError]) -> str:
    return cleandoc(kind.__doc__ or "").partition("\n\nArgs:")[0]
