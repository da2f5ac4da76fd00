"""The JSON Schema of a file of keys."""

from __future__ import annotations

from typing import Any

from keywright.model.key import Key

_PRINCIPAL = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"durable": {"type": "string"}},
            "required": ["durable"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"permission_set": {"type": "string"}, "account": {"type": "string"}},
            "required": ["permission_set"],
            "additionalProperties": False,
        },
    ],
}


def file_schema() -> dict[str, Any]:
    """What an editor needs to complete and check keys.yaml."""
    key = Key.model_json_schema()
    definitions = key.pop("$defs", {})
    for field in ("key_administrator_arns", "key_user_arns"):
        key["properties"][field]["items"] = _PRINCIPAL
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Keywright file of keys",
        "type": "object",
        "properties": {
            "stack": {"type": "string"},
            "region": {"type": "string"},
            "account": {"type": "string", "pattern": r"^\d{12}$"},
            "defaults": {"$ref": "#/$defs/Key"},
            "keys": {
                "type": "object",
                "minProperties": 1,
                "additionalProperties": {"anyOf": [{"$ref": "#/$defs/Key"}, {"type": "null"}]},
            },
        },
        "required": ["stack", "keys"],
        "additionalProperties": False,
        "$defs": {**definitions, "Key": key},
    }
