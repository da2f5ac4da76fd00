"""The JSON Schema of a keys file, for editors to complete and check as one types.

It says what single values may be; what joins several fields is `keywright validate`'s to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from keywright._internal.facts.offerings import offered_specs, partition_of_region
from keywright._internal.keysfile.field_descriptions import field_descriptions
from keywright._internal.model.account_targets import AccountTarget
from keywright._internal.model.grant import Grant, GrantConstraints
from keywright._internal.model.key import Key
from keywright._internal.model.key_fields import ReplicaRegion
from keywright._internal.model.policy_statement import PolicyStatement, StatementCondition, StatementPrincipal
from keywright._internal.model.stack import NAME
from keywright._internal.policy import catalogue

if TYPE_CHECKING:
    from keywright._internal.policy.catalogue_types import Parameter, Pattern

Schema = dict[str, Any]

_NULL: Schema = {"type": "null"}
_ACCOUNT: Schema = {"anyOf": [{"type": "string", "pattern": r"^\d{12}$"}, {"type": "integer"}]}
_REGION: Schema = {"type": "string", "enum": sorted(partition_of_region())}
_PRINCIPAL: Schema = {
    "anyOf": [
        {"type": "string", "description": "The ARN of a role, user or account root, pinned to the identity behind it."},
        {
            "type": "object",
            "description": "A role or user by the text of its ARN; it survives being deleted and created again.",
            "properties": {"durable": {"type": "string"}},
            "required": ["durable"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "description": "The roles of an IAM Identity Center permission set.",
            "properties": {"permission_set": {"type": "string"}, "account": _ACCOUNT},
            "required": ["permission_set"],
            "additionalProperties": False,
        },
    ],
}


_REFERENCE: Schema = {"type": "string", "pattern": r"^\$\{(account_id|region|partition|parameters\.[A-Za-z0-9_-]+)\}$"}
"""In place of a field's value, in a file with targets."""
_TEXT: Schema = {"type": ["string", "integer", "boolean"]}
_ONE_OR_MORE: Schema = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}
_POLICY_FILE: Schema = {
    "type": "string",
    "description": "A JSON file that holds the whole key policy, by its path relative to this file.",
}
_STATEMENT_SHORT_FORMS: dict[str, list[Schema]] = {
    "principals": [
        {"const": "*", "description": "Everybody."},
        {
            "type": "object",
            "description": "Identifiers by type.",
            "properties": dict.fromkeys(("AWS", "Service", "Federated"), _ONE_OR_MORE),
            "minProperties": 1,
            "additionalProperties": False,
        },
    ],
    "conditions": [
        {
            "type": "object",
            "description": "Values by operator and condition key.",
            "additionalProperties": {"type": "object", "additionalProperties": _ONE_OR_MORE},
        }
    ],
    "actions": [{"type": "string"}],
    "resources": [{"type": "string"}],
}
"""How a statement's fields may be written beside the module's way."""


def file_schema() -> Schema:
    """What an editor needs to complete and check keys.yaml."""
    key = Key.model_json_schema()
    definitions: Schema = key.pop("$defs")
    for model in (Key, ReplicaRegion, PolicyStatement, StatementPrincipal, StatementCondition, Grant, GrantConstraints):
        described = key if model is Key else definitions[model.__name__]
        for field, text in field_descriptions(model).items():
            described["properties"][field]["description"] = text
    properties: Schema = key["properties"]
    for field in ("key_administrator_arns", "key_user_arns"):
        properties[field]["items"] = _PRINCIPAL
    properties["patterns"]["items"] = {"$ref": "#/$defs/PatternUse"}
    properties["customer_master_key_spec"]["enum"] = list(offered_specs())
    properties["replica_regions"] = {
        **properties["replica_regions"],
        "propertyNames": _REGION,
        "additionalProperties": {"anyOf": [{"$ref": "#/$defs/ReplicaRegion"}, _NULL]},
    }
    properties["region"] = {**_described(properties["region"]), **_REGION}
    properties["account"] = {**_described(properties["account"]), **_ACCOUNT}
    properties["statements"]["items"] = {"$ref": "#/$defs/PolicyStatement"}
    properties["policy_file"] = _POLICY_FILE
    key["properties"] = {name: _with_forms(_or_null(schema), [_REFERENCE]) for name, schema in properties.items()}
    replica = definitions["ReplicaRegion"]
    replica["properties"]["policy_file"] = _POLICY_FILE
    replica["properties"] = {name: _or_null(schema) for name, schema in replica["properties"].items()}
    definitions["PatternUse"] = _pattern_use()
    _add_short_forms(definitions)
    for name in ("PolicyStatement", "StatementPrincipal", "StatementCondition", "Grant", "GrantConstraints"):
        definitions[name]["properties"] = {
            field: _or_null(schema) for field, schema in definitions[name]["properties"].items()
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Keywright keys file",
        "type": "object",
        "properties": {
            "stack": {
                "type": "string",
                "pattern": f"^{NAME.pattern}$",
                "description": "The name of this set of keys; with a key's name it is the key's identity on AWS.",
            },
            "region": {**_REGION, "description": "The Region of keys that name none."},
            "account": {**_ACCOUNT, "description": "The account of keys that name none; any other is refused."},
            "assume_role_arn": {"type": "string", "description": "The role to assume for keys that name none."},
            "claims": {
                "type": "array",
                "items": {"type": "string"},
                "description": "What must hold of each key's policy.",
            },
            "parameters": {
                "type": "object",
                "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_-]*$"},
                "description": "The value of `${parameters.NAME}` where a target has none; null: each has one.",
            },
            "targets": {
                "type": "array",
                "items": {"$ref": "#/$defs/AccountTarget"},
                "minItems": 1,
                "description": "The accounts that the keys are made in.",
            },
            "defaults": {"$ref": "#/$defs/Key", "description": "Fields of every key; tags are joined with the key's."},
            "keys": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": f"^{NAME.pattern}$"},
                "additionalProperties": {"anyOf": [{"$ref": "#/$defs/Key"}, _NULL]},
            },
        },
        "required": ["stack", "keys"],
        "additionalProperties": False,
        "$defs": {**definitions, "Key": key, "AccountTarget": _account_target()},
    }


def _account_target() -> Schema:
    described = field_descriptions(AccountTarget)
    unit: Schema = {"type": "string", "pattern": "^(ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32})$"}
    listed: Schema = {"type": "array", "items": _ACCOUNT, "minItems": 1}
    selections = {
        "ou": {"anyOf": [unit, {"type": "array", "items": unit, "minItems": 1}]},
        "tag": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}, "minProperties": 1},
        "organization": {"const": True},
    }
    ways = [
        {"type": "object", "properties": {name: schema}, "required": [name], "additionalProperties": False}
        for name, schema in selections.items()
    ]
    fields: dict[str, Schema] = {
        "accounts": {"anyOf": [listed, *ways]},
        "role": {"type": "string"},
        "exclude": {"type": "array", "items": _ACCOUNT},
        "region": {"anyOf": [_REGION, _NULL]},
        "parameters": {"type": "object"},
    }
    return {
        "type": "object",
        "properties": {name: {**schema, "description": described[name]} for name, schema in fields.items()},
        "required": ["accounts", "role"],
        "additionalProperties": False,
    }


def _add_short_forms(definitions: Schema) -> None:
    statement: Schema = definitions["PolicyStatement"]["properties"]
    for field, forms in _STATEMENT_SHORT_FORMS.items():
        for name in {field, f"not_{field}"} & statement.keys():
            statement[name] = _with_forms(statement[name], forms)
    for holder, field in (("StatementPrincipal", "identifiers"), ("StatementCondition", "values")):
        given = definitions[holder]["properties"][field]
        definitions[holder]["properties"][field] = {**_described(given), **_ONE_OR_MORE}


def _with_forms(schema: Schema, forms: list[Schema]) -> Schema:
    named = _described(schema) | {name: schema[name] for name in ("default",) if name in schema}
    rest = {name: value for name, value in schema.items() if name not in named}
    return {**named, "anyOf": [*(rest.get("anyOf") or [rest]), *forms]}


def _described(schema: Schema) -> Schema:
    return {name: schema[name] for name in ("title", "description") if name in schema}


def _or_null(schema: Schema) -> Schema:
    """A field's schema that also takes null, which is as good as leaving the field out."""
    return _with_forms(schema, [] if _NULL in schema.get("anyOf", []) else [_NULL])


def _pattern_use() -> Schema:
    patterns = list(catalogue.load().patterns.values())
    return {"description": "A pattern of the catalogue.", "anyOf": [*_bare(patterns), *map(_with_parameters, patterns)]}


def _bare(patterns: Iterable[Pattern]) -> list[Schema]:
    return [
        {"const": item.name, "description": item.summary}
        for item in patterns
        if not any(parameter.required for parameter in item.parameters)
    ]


def _with_parameters(pattern: Pattern) -> Schema:
    required = [item.name for item in pattern.parameters if item.required]
    parameters: Schema = {
        "type": "object",
        "properties": {item.name: _parameter(item) for item in pattern.parameters},
        "required": required,
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "description": pattern.summary,
        "properties": {"name": {"const": pattern.name}, "parameters": parameters},
        "required": ["name", "parameters"] if required else ["name"],
        "additionalProperties": False,
    }


def _parameter(parameter: Parameter) -> Schema:
    one: Schema = {"type": ["string", "integer"]}
    if parameter.type == "integer":
        one |= {"minimum": parameter.minimum, "maximum": parameter.maximum}
    if parameter.pattern is not None:
        one |= {"pattern": parameter.pattern}
    most = parameter.maximum if parameter.type == "strings" else 1
    many: Schema = {"type": "array", "items": one, "minItems": parameter.minimum or 0 if most != 1 else 1}
    if most is not None:
        many |= {"maxItems": most}
    return {"description": parameter.description, "anyOf": [one, many]}
