"""The reference of the keys file has every field with its default, and its examples are valid."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from declared_files import loaded
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from keywright._internal.keysfile.stack import _Head
from keywright._internal.model.account_targets import AccountTarget
from keywright._internal.model.grant import Grant
from keywright._internal.model.key import Key
from keywright._internal.model.key_fields import ReplicaRegion
from keywright._internal.model.policy_statement import PolicyStatement

DOCS = Path(__file__).parents[2] / "docs" / "keys-file.md"
TEXT = DOCS.read_text(encoding="utf-8")
SECTIONS: dict[str, type[BaseModel]] = {
    "At the top": _Head,
    "Of a key": Key,
    "Of a replica": ReplicaRegion,
    "Statements": PolicyStatement,
    "Grants": Grant,
    "Many accounts": AccountTarget,
}


def rows_of(section: str) -> dict[str, str]:
    body = TEXT.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return {
        match[1]: match[2].strip() for match in re.finditer(r"^\| `([a-z_]+)` \|[^|]*\|([^|]*)\|", body, re.MULTILINE)
    }


def default_of(name: str, field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if name == "description" and field.default is not None:
        return "a set text"
    default: Any = field.get_default(call_default_factory=True)
    text = default if isinstance(default, str) else json.dumps(default)
    return text if text == "null" else f"`{text}`"


@pytest.mark.parametrize("section", SECTIONS)
def test_every_field_has_a_row_with_its_default(section: str) -> None:
    model = SECTIONS[section]
    assert rows_of(section) == {name: default_of(name, field) for name, field in model.model_fields.items()}


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL))
def test_the_examples_are_valid(tmp_path: Path, block: str) -> None:
    whole = block if "keys:" in block else yaml.safe_dump({"stack": "s", "keys": {"a": yaml.safe_load(block)}})
    assert loaded(tmp_path, whole).keys
