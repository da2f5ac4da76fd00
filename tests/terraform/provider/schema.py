"""The real provider's schema, from the JSON that `providers schema -json` prints, as protocol messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tf.gen import tfplugin_pb2 as pb

_DOCUMENT = json.loads(Path(__file__).with_name("schema.json").read_text())["provider_schemas"]["hashicorp/aws"]

PROVIDER: dict[str, Any] = _DOCUMENT["provider"]
RESOURCES: dict[str, Any] = _DOCUMENT["resource_schemas"]
DATA_SOURCES: dict[str, Any] = _DOCUMENT["data_source_schemas"]

_NESTING = {name.lower(): number for name, number in pb.Schema.NestedBlock.NestingMode.items()}


def attributes(schema: dict[str, Any]) -> dict[str, Any]:
    """The attributes of a resource's or data source's top block, by name."""
    found: dict[str, Any] = schema["block"]["attributes"]
    return found


def message(schema: dict[str, Any]) -> pb.Schema:
    """One schema as the protocol wants it."""
    return pb.Schema(version=schema["version"], block=_block(schema["block"]))


def _block(body: dict[str, Any]) -> pb.Schema.Block:
    return pb.Schema.Block(
        attributes=[
            pb.Schema.Attribute(
                name=name,
                type=json.dumps(attribute["type"]).encode(),
                required=attribute.get("required", False),
                optional=attribute.get("optional", False),
                computed=attribute.get("computed", False),
                deprecated=attribute.get("deprecated", False),
            )
            for name, attribute in body.get("attributes", {}).items()
        ],
        block_types=[
            pb.Schema.NestedBlock(
                type_name=name,
                nesting=_NESTING[nested["nesting_mode"]],
                max_items=nested.get("max_items", 0),
                block=_block(nested["block"]),
            )
            for name, nested in body.get("block_types", {}).items()
        ],
    )
