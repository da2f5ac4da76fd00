"""`keywright validate` and `keywright schema`: what a keys file may hold, and whether one does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.counting import counted
from keywright.errors import InvalidKeysFile, UnknownName

if TYPE_CHECKING:
    from keywright._internal.model.stack import Stack

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="One keys file or several.", show_default=False)]
_KEYS_FILE = "keys-file"
_VERIFICATION = "verification"

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def validate(files: Files, as_json: AsJson = False) -> None:
    """Check keys files and report every problem of all of them with its line."""
    stacks = _loaded(files)
    if as_json:
        print_document(
            {
                "files": [
                    {"file": str(file), "stack": stack.name, "keys": sorted(stack.keys)}
                    for file, stack in stacks.items()
                ]
            }
        )
    else:
        for file, stack in stacks.items():
            typer.echo(f"{file}: {counted(len(stack.keys), 'key')}, no problems")


def _loaded(files: list[Path]) -> dict[Path, Stack]:
    from keywright._internal.keysfile.source import read_source
    from keywright._internal.keysfile.stack import check_source

    stacks: dict[Path, Stack] = {}
    wrong: list[InvalidKeysFile] = []
    for file in files:
        try:
            stacks[file] = check_source(read_source(file))
        except InvalidKeysFile as error:
            wrong.append(error)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        raise InvalidKeysFile(
            "; ".join(error.message for error in wrong),
            problems=tuple(item for error in wrong for item in error.problems),
        )
    return stacks


def schema(
    document: Annotated[
        str, typer.Argument(help="`keys-file`, `verification`, or a document of `--json`, such as `plan`.")
    ] = _KEYS_FILE,
) -> None:
    """Print the JSON Schema of a keys file, for editors, or of a document that `--json` prints."""
    from keywright._internal.cli.document_schemas import DOCUMENTS, document_schema

    if document == _KEYS_FILE:
        from keywright._internal.keysfile.schema import file_schema

        found = file_schema()
    elif document == _VERIFICATION:
        from keywright._internal.conformance.results import json_schema

        found = json_schema()
    elif document in DOCUMENTS:
        found = document_schema(document)
    else:
        names = ", ".join((_KEYS_FILE, _VERIFICATION, *DOCUMENTS))
        raise UnknownName(f"there is no document `{document}`", f"there are {names}")
    typer.echo(json.dumps(found, indent=2))
