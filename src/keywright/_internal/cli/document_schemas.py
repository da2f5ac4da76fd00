"""The JSON Schemas of what `--json` prints, for programs that read it; `docs/stability.md` says what of it stays."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

from keywright._internal.cli.documents import FORMAT_VERSION
from keywright._internal.cli.schemas.estates import ESTATES
from keywright._internal.cli.schemas.lifecycle import LIFECYCLE
from keywright._internal.cli.schemas.others import OTHERS
from keywright._internal.cli.schemas.policies import POLICIES
from keywright._internal.cli.schemas.shapes import Schema

DOCUMENTS: Final[dict[str, Schema]] = {**LIFECYCLE, **POLICIES, **ESTATES, **OTHERS}


def document_schema(name: str) -> Schema:
    """The schema of a document of `DOCUMENTS`, with a document that was really printed as its example."""
    schema = DOCUMENTS[name]
    version = {"const": FORMAT_VERSION, "description": "The version of this shape."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Keywright: {name}",
        **schema,
        "properties": {"format_version": version, **schema["properties"]},
        "required": ["format_version", *schema["required"]],
        **({"examples": [examples()[name]]} if name in examples() else {}),
    }


@cache
def examples() -> dict[str, Any]:
    """A document of each kind, as `tools/record_examples.py` saw it printed."""
    text = files("keywright._internal.cli.schemas").joinpath("examples.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
