"""Reads the catalogue's JSON into frozen values. The data is our own, so a fault in it is a KeyError."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from keywright._internal.policy.catalogue_types import (
    Case,
    Catalogue,
    ConditionTemplate,
    KeyConstraint,
    Parameter,
    Pattern,
    Service,
    Source,
    StatementTemplate,
)
from keywright._internal.policy.document import Condition


def read(data: Mapping[str, Any]) -> Catalogue:
    """The catalogue that a parsed `catalogue.json` describes."""
    roles = data["roles"]
    return Catalogue(
        administrators=_lists(roles["administrators"]),
        users=_lists(roles["users"]),
        grants=tuple(roles["grants"]),
        grant_usages=frozenset(roles["grant_usages"]),
        service_principal=data["service_principal"],
        services={label: _service(body) for label, body in data["services"].items()},
        backgrounds={name: _statement(body) for name, body in data["backgrounds"].items()},
        patterns=_Patterns(data["patterns"]),
    )


class _Patterns(Mapping[str, Pattern]):
    """The patterns by name, each made when it is first asked for: most runs ask for few of them, or none."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self._made: dict[str, Pattern] = {}

    def __getitem__(self, name: str) -> Pattern:
        if name not in self._made:
            self._made[name] = _pattern(name, self._data[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


def _lists(data: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in data.items()}


def _sources(data: Sequence[Mapping[str, Any]]) -> tuple[Source, ...]:
    return tuple(Source(**item) for item in data)


def _service(data: Mapping[str, Any]) -> Service:
    return Service(
        label=data["label"],
        principal=data["principal"],
        region_bound=data["region_bound"],
        usages=tuple(data["usages"]),
        actions=tuple(data["actions"]),
        grant_actions=tuple(data["grant_actions"]),
        pins={
            pin: tuple(Condition(item["operator"], item["key"], tuple(item["values"])) for item in conditions)
            for pin, conditions in data["pins"].items()
        },
        sources=_sources(data["sources"]),
        notes=tuple(data["notes"]),
    )


def _statement(data: Mapping[str, Any]) -> StatementTemplate:
    return StatementTemplate(
        sid=data["sid"],
        effect=data["effect"],
        principals=tuple((kind, tuple(templates)) for kind, templates in data["principal"].items()),
        actions=tuple(data["actions"]),
        conditions=tuple(
            ConditionTemplate(item["operator"], item["key"], tuple(item["values"]), item.get("when"))
            for item in data["conditions"]
        ),
        when=data.get("when"),
    )


def _parameter(name: str, data: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=name,
        type=data["type"],
        description=data["description"],
        required=data["required"],
        default=tuple(data.get("default", ())),
        pattern=data.get("pattern"),
        minimum=data.get("minimum"),
        maximum=data.get("maximum"),
    )


def _case(data: Mapping[str, Any]) -> Case:
    context = {key: (value,) if isinstance(value, str) else tuple(value) for key, value in data["context"].items()}
    return Case(data["name"], data["principal"], data["action"], context, data.get("delegated", False))


def _pattern(name: str, data: Mapping[str, Any]) -> Pattern:
    specs, regions = data["key"]["specs"], data["key"]["regions"]
    return Pattern(
        name=name,
        title=data["title"],
        summary=data["summary"],
        category=data["category"],
        sources=_sources(data["sources"]),
        notes=tuple(data["notes"]),
        key=KeyConstraint(
            usages=tuple(data["key"]["usages"]),
            specs=None if specs is None else tuple(specs),
            regions=None if regions is None else tuple(regions),
        ),
        parameters=tuple(_parameter(item, body) for item, body in data["parameters"].items()),
        statements=tuple(_statement(item) for item in data["statements"]),
        background=tuple(data["with"]),
        example=_lists(data["example"]),
        allowed=tuple(_case(item) for item in data["allowed"]),
        denied=tuple(_case(item) for item in data["denied"]),
    )
