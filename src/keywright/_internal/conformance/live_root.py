"""The root module that the live test applies and changes: the module as a user calls it, in two Regions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REGION = "us-east-1"
REPLICA_REGION = "eu-west-1"
_WINDOW_IN_DAYS = 7


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the root module asks for, in the names of the interface."""

    description: str
    aliases: tuple[str, ...]
    tags: Mapping[str, str]
    rotation_period_in_days: int

    def inputs(self) -> dict[str, Any]:
        """The module's inputs; whom they name needs not exist on the AWS where this runs."""
        return {
            "description": self.description,
            "aliases": list(self.aliases),
            "tags": dict(self.tags),
            "rotation_period_in_days": self.rotation_period_in_days,
            "deletion_window_in_days": _WINDOW_IN_DAYS,
            "multi_region": True,
            "key_administrator_arns": ["permission_set:KeyAdministrators"],
            "key_service_users": [f"logs.{REGION}.amazonaws.com"],
        }


def first(name: str) -> Wanted:
    """The key as it is made."""
    return Wanted("Keywright's live test", (f"{name}-a", f"{name}-b"), {"Purpose": "live-test"}, 180)


def changed(name: str) -> Wanted:
    """The key as it is changed, all in place: another description, alias, tag and rotation period."""
    return Wanted("Keywright's live test, changed", (f"{name}-a", f"{name}-c"), {"Purpose": "changed"}, 365)


def write_root(folder: Path, module: Path, inputs: Mapping[str, Any]) -> None:
    """Write `main.tf.json` that calls the module with these inputs and shows all its outputs."""
    outputs = ("key_id", "key_arn", "primary_alias", "alias_arns", "rotation_enabled", "replica_key_arns")
    document = {
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": ">= 6.0, < 7.0"}}},
        "provider": {"aws": {"region": REGION}},
        "module": {
            "key": {
                "source": str(module),
                **inputs,
                "replica_regions": {REPLICA_REGION: {"deletion_window_in_days": _WINDOW_IN_DAYS}},
            }
        },
        "output": {name: {"value": f"${{module.key.{name}}}"} for name in outputs},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.tf.json").write_text(json.dumps(document, indent=2))
