"""Every JSON document that a test sees is held to its published schema: no member is missing, and none is made up."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import jsonschema

from keywright._internal.cli.document_schemas import DOCUMENTS, document_schema

_NAMES = {
    ("restore",): "apply",
    ("replace",): "apply",
    ("rename",): "apply",
    ("report",): "scan",
    **{tuple(name.split("-", 1)) if name.startswith(("policy-", "export-")) else (name,): name for name in DOCUMENTS},
}
_UNCHECKED_BYTES = 500_000
"""A larger document is one of thousands of keys alike: checking it all would take longer than the test."""


def fits(document: Any, name: str) -> None:
    """Fail unless the document is as its schema says, and has no member besides."""
    _validator(name).validate(document)


def check_printed(arguments: Sequence[str], text: str, document: Any) -> None:
    """Hold what a command printed to the schema of its document, where it has one."""
    name = _NAMES.get(tuple(arguments[:1])) or _NAMES.get(tuple(arguments[:2]))
    if name is None or "--sarif" in arguments or len(text) > _UNCHECKED_BYTES:
        return
    if "error" in document:
        fits(document, "error")
    elif "accounts" in document:
        fits(document, "accounts")
        for account in document["accounts"]:
            if account["result"] is not None:
                fits({"format_version": 1, **account["result"]}, document["command"])
    elif name == "who-can" and "keys" in document:
        fits(document, "who-can-keys")
    else:
        fits(document, name)


@cache
def _validator(name: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(_strict(document_schema(name)))


def _strict(schema: Any) -> Any:
    """The schema with members that it doesn't know refused, which readers should not do and tests must."""
    if isinstance(schema, list):
        return [_strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "properties" in schema and schema.get("type") == "object" else {}
    return {**{name: _strict(value) for name, value in schema.items() if name != "examples"}, **closed}
