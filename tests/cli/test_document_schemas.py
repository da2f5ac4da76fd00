"""The published JSON Schemas are those of what is printed: no member is missing in them, and none is made up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.main import get_command

from command_line import CommandLine, Keywright
from documents import fits
from keywright._internal.cli.app import app
from keywright._internal.cli.document_schemas import DOCUMENTS, examples

COMMANDS = Path(__file__).parents[1] / "compatibility" / "commands"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("validate keys.yaml", "validate"),
        ("validate wrong.yaml", "error"),
        ("nope", "error"),
        ("policy check keys.yaml", "policy-check"),
        ("policy check --policy public.json", "policy-check"),
        ("policy check --policy wrong.yaml", "policy-check"),
        ("policy diff narrow.json public.json", "policy-diff"),
        ("policy explain keys.yaml", "policy-explain"),
        ("policy simulate --policy narrow.json --request request.json", "policy-simulate"),
        ("policy patterns", "policy-patterns"),
        ("policy findings", "policy-findings"),
        ("cost keys.yaml", "cost"),
        ("errors", "errors"),
    ],
)
def test_a_document_fits_its_schema(line: str, name: str, offline: CommandLine) -> None:
    fits(json.loads(offline.run(*line.split(), "--json", directory=COMMANDS).out), name)


def test_the_documents_of_the_lifecycle_fit_theirs(keywright: Keywright, account: str) -> None:
    text = f'stack: s\nregion: us-east-1\naccount: "{account}"\nkeys: {{a: {{aliases: [a]}}, b: }}\n'
    (keywright.directory / "keys.yaml").write_text(text)
    for line, name in (
        ("plan keys.yaml", "plan"),
        ("apply keys.yaml --yes", "apply"),
        ("plan keys.yaml", "plan"),
        ("verify keys.yaml", "verify"),
        ("drift keys.yaml", "drift"),
        ("output keys.yaml", "output"),
        ("destroy keys.yaml --yes", "destroy"),
        ("restore keys.yaml", "apply"),
    ):
        fits(json.loads(keywright.run(*line.split(), "--json").succeeded().out), name)


@pytest.mark.parametrize("name", ["keys-file", "verification", *DOCUMENTS])
def test_every_schema_is_printed_and_is_one(name: str, offline: CommandLine) -> None:
    schema = json.loads(offline.run("schema", name).succeeded().out)
    jsonschema.Draft202012Validator.check_schema(schema)


def test_an_unknown_document_is_refused_with_those_there_are(offline: CommandLine) -> None:
    done = offline.run("schema", "nope")
    assert done.code == 2
    assert all(name in done.err for name in DOCUMENTS)


PAGE = (Path(__file__).parents[2] / "docs" / "documents.md").read_text()


def test_the_page_lists_every_document() -> None:
    assert [name for name in ("keys-file", "verification", *DOCUMENTS) if f"| `{name}` |" not in PAGE] == []


def commands(group: Any, name: str = "") -> Iterator[str]:
    """Every command below a group that has `--json`."""
    for part, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name}{part} ")
        elif any("--json" in getattr(param, "opts", ()) for param in command.params):
            yield f"{name}{part}"


def test_the_page_says_the_document_of_every_command() -> None:
    said = PAGE.replace("keywright ", "")
    assert [name for name in commands(get_command(app)) if f"`{name}`" not in said] == []


NEEDS_MORE_THAN_THE_SANDBOX = {"accounts", "verify-release"}
"""No example is recorded of these: one takes an organization, one a release."""


@pytest.mark.parametrize("name", sorted(set(DOCUMENTS) - NEEDS_MORE_THAN_THE_SANDBOX))
def test_an_example_was_printed_and_fits(name: str) -> None:
    fits(examples()[name], name)
