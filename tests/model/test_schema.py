"""The JSON Schema takes every file that is valid, and refuses what a single value can show to be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from declared_files import one_key, problems_of
from pydantic import BaseModel

from keywright._internal.keysfile.schema import file_schema
from keywright._internal.keysfile.source import read_source
from keywright._internal.keysfile.stack import _Head
from keywright._internal.model.key import Key
from keywright._internal.model.key_fields import ReplicaRegion
from keywright._internal.policy import catalogue
from keywright._internal.policy.pattern_pages import EXAMPLE_SETTING

SCHEMA = file_schema()
CHECK = jsonschema.Draft202012Validator(SCHEMA)
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


def key_with(**fields: Any) -> dict[str, Any]:
    return {"stack": "s", "keys": {"a": fields}}


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_example_fits(file: Path) -> None:
    CHECK.validate(read_source(file).value)


@pytest.mark.parametrize(
    ("model", "properties"),
    [
        (_Head, SCHEMA["properties"]),
        (Key, SCHEMA["$defs"]["Key"]["properties"]),
        (ReplicaRegion, SCHEMA["$defs"]["ReplicaRegion"]["properties"]),
    ],
)
def test_every_field_is_in_the_schema(model: type[BaseModel], properties: dict[str, Any]) -> None:
    assert set(model.model_fields) | ({"policy_file"} if "policy" in model.model_fields else set()) == set(properties)
    if model is not _Head:
        assert all(item["description"] for item in properties.values())


@pytest.mark.parametrize("name", sorted(catalogue.load().patterns))
def test_every_pattern_is_offered_with_its_parameters(name: str) -> None:
    found = catalogue.pattern(name)
    parameters = {item: list(values) for item, values in catalogue.example(found, EXAMPLE_SETTING).items()}
    CHECK.validate(key_with(patterns=[{"name": name, "parameters": parameters}]))
    assert not CHECK.is_valid(key_with(patterns=[{"name": name, "parameters": {**parameters, "nope": ["x"]}}]))
    needs = any(item.required for item in found.parameters)
    assert CHECK.is_valid(key_with(patterns=[name])) != needs


@pytest.mark.parametrize("field", sorted(Key.model_fields))
def test_null_takes_a_field_back(field: str) -> None:
    CHECK.validate(key_with(**{field: None}))


@pytest.mark.parametrize(
    "fields",
    [
        "descripton: x",
        "description: 5",
        "aliases: x",
        "key_usage: SIGN",
        "customer_master_key_spec: RSA_1",
        "enable_key_rotation: 'yes'",
        "rotation_period_in_days: 10",
        "deletion_window_in_days: 31",
        "region: mars",
        "account: x",
        "multi_region: true, replica_regions: {mars: {}}",
        "multi_region: true, replica_regions: {eu-west-1: {enabld: true}}",
        "key_user_arns: [{durble: x}]",
        "key_service_pins: [x]",
        "patterns: [nope]",
        "patterns: [{name: cloudtrail}]",
        "patterns: [{name: minimum-waiting-window, parameters: {days: 50}}]",
        "tags: {a: 5}",
        "claims: [5]",
    ],
)
def test_what_the_schema_refuses_is_refused_by_validate_too(tmp_path: Path, fields: str) -> None:
    text = one_key(fields)
    assert not CHECK.is_valid(yaml.safe_load(text))
    assert problems_of(tmp_path, text)
