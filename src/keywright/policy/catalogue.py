"""The catalogue: which actions each role and each AWS service needs in a key policy, as data in one file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from keywright.model.key import KeySetting
from keywright.policy.document import Condition

UNKNOWN_SERVICE = "*"
"""The entry that stands for a service the catalogue does not know."""


@dataclass(frozen=True, slots=True)
class Service:
    """What AWS documents for one service principal."""

    label: str
    region_bound: bool
    actions: tuple[str, ...]
    grant_actions: tuple[str, ...]
    pins: Mapping[str, tuple[Condition, ...]]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Actions of administrators (by group), of users (by usage), for grants, and the known services."""

    administrators: Mapping[str, tuple[str, ...]]
    users: Mapping[str, tuple[str, ...]]
    grants: tuple[str, ...]
    grant_usages: frozenset[str]
    services: Mapping[str, Service]

    def service(self, principal: str) -> Service:
        """The entry of a service principal, with or without a Region in its name."""
        label = split_service(principal)[0]
        return self.services.get(label, self.services[UNKNOWN_SERVICE])


@cache
def load() -> Catalogue:
    """Read the catalogue that ships with Keywright."""
    data = json.loads(resources.files("keywright.policy").joinpath("catalogue.json").read_text())
    roles = data["roles"]
    return Catalogue(
        administrators={group: tuple(actions) for group, actions in roles["administrators"].items()},
        users={usage: tuple(actions) for usage, actions in roles["users"].items()},
        grants=tuple(roles["grants"]),
        grant_usages=frozenset(roles["grant_usages"]),
        services={label: _service(entry) for label, entry in data["services"].items()},
    )


_REGION = re.compile(r"^[a-z]{2,}(-[a-z]+)+-\d+$")


def split_service(principal: str) -> tuple[str, str | None, str]:
    """A service principal as its label, its Region (None where it names none) and its suffix."""
    head, dot, tail = principal.partition(".amazonaws.com")
    label, _, last = head.rpartition(".")
    if label and _REGION.match(last):
        return label, last, dot + tail
    return head, None, dot + tail


def fill(template: str, setting: KeySetting) -> str:
    """Put a key's partition, account and Region into a template of the catalogue."""
    return (
        template.replace("{partition}", setting.partition)
        .replace("{account}", setting.account)
        .replace("{region}", setting.region)
    )


def _service(entry: Mapping[str, Any]) -> Service:
    return Service(
        label=entry["label"],
        region_bound=entry["region_bound"],
        actions=tuple(entry["actions"]),
        grant_actions=tuple(entry["grant_actions"]),
        pins={
            pin: tuple(Condition(item["operator"], item["key"], tuple(item["values"])) for item in conditions)
            for pin, conditions in entry["pins"].items()
        },
    )
