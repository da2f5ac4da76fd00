"""The published JSON Schemas are those of what is printed: no member is missing in them, and none is made up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from command_line import CommandLine, Keywright
from keywright._internal.cli.document_schemas import DOCUMENTS, document_schema

COMMANDS = Path(__file__).parents[1] / "compatibility" / "commands"


@pytest.fixture(scope="module")
def offline() -> Iterator[CommandLine]:
    with CommandLine() as ready:
        yield ready


def strict(schema: Any) -> Any:
    """The schema with members that it doesn't know refused, which readers should not do and this test must."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "properties" in schema and schema.get("type") == "object" else {}
    return {**{name: strict(value) for name, value in schema.items()}, **closed}


def fits(document: Any, name: str) -> None:
    jsonschema.validate(document, strict(document_schema(name)))


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
        ("cost keys.yaml", "cost"),
        ("errors", "errors"),
    ],
)
def test_a_document_fits_its_schema(line: str, name: str, offline: CommandLine) -> None:
    fits(offline.run(*line.split(), "--json", directory=COMMANDS).document, name)


def test_the_documents_of_the_lifecycle_fit_theirs(keywright: Keywright, account: str) -> None:
    text = f'stack: s\nregion: us-east-1\naccount: "{account}"\nkeys: {{a: {{aliases: [a]}}, b: }}\n'
    (keywright.directory / "keys.yaml").write_text(text)
    for line, name in (
        ("plan keys.yaml", "plan"),
        ("apply keys.yaml --yes", "apply"),
        ("plan keys.yaml", "plan"),
        ("verify keys.yaml", "verify"),
        ("output keys.yaml", "output"),
        ("destroy keys.yaml --yes", "destroy"),
        ("restore keys.yaml", "apply"),
    ):
        fits(keywright.run(*line.split(), "--json").succeeded().document, name)


@pytest.mark.parametrize("name", ["keys-file", "verification", *DOCUMENTS])
def test_every_schema_is_printed_and_is_one(name: str, offline: CommandLine) -> None:
    schema = json.loads(offline.run("schema", name).succeeded().out)
    jsonschema.Draft202012Validator.check_schema(schema)


def test_an_unknown_document_is_refused_with_those_there_are(offline: CommandLine) -> None:
    done = offline.run("schema", "nope")
    assert done.code == 2
    assert all(name in done.err for name in DOCUMENTS)


def test_the_page_lists_every_document() -> None:
    page = (Path(__file__).parents[2] / "docs" / "documents.md").read_text()
    assert [name for name in ("keys-file", "verification", *DOCUMENTS) if f"| `{name}` |" not in page] == []
