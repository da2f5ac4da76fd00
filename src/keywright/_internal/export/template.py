"""A CloudFormation template of keys: what it consists of, and whether CloudFormation takes it.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

from keywright._internal.export.functions import Value

MOST_RESOURCES: Final = 500
MOST_OUTPUTS: Final = 200
MOST_BYTES: Final = 1_000_000
MOST_BYTES_IN_A_REQUEST: Final = 51_200
"""A larger template has to be in S3 when it is deployed."""

Section = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class TemplateKey:
    """One key's part of a template.

    Args:
        name: the key's name in the file.
        resources: by logical ID: the key or its replica first, then its aliases.
        outputs: by name.
        identifiers: what CloudFormation imports each resource by, where that exists on AWS already.
        notes: what a reader of the template has to know.
    """

    name: str
    resources: Mapping[str, Section]
    outputs: Mapping[str, Section]
    identifiers: Mapping[str, Mapping[str, str]]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """The template of one stack in one Region.

    Args:
        path: its file, without the ending.
        stack_name: what the stack is called.
        keys_stack: the stack in keys.yaml.
        region: where it is deployed.
        account: where it is deployed; None where any account will do.
        keys: the keys in it.
        primary_stack: of a template of replicas, the stack that has their primaries.
        with_outputs: false in an import, to which CloudFormation lets no output be added.
        parameters: what each deployment says, by name, with the values that the file has for it.
    """

    path: str
    stack_name: str
    keys_stack: str
    region: str
    account: str | None
    keys: tuple[TemplateKey, ...]
    primary_stack: str | None = None
    with_outputs: bool = True
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def resources(self) -> int:
        """How many resources it holds."""
        return sum(len(key.resources) for key in self.keys)

    @property
    def outputs(self) -> int:
        """How many outputs it has."""
        return sum(len(key.outputs) for key in self.keys) if self.with_outputs else 0

    def head(self) -> dict[str, Value]:
        """Every section before the resources."""
        where = f"account {self.account}, {self.region}" if self.account else self.region
        what = "Replicas of keys" if self.primary_stack else "Keys"
        sections: dict[str, Value] = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": f"{what} of the stack {self.keys_stack} in {where}",
            "Metadata": {"Keywright": {"Stack": self.keys_stack, "Region": self.region}},
        }
        parameters: dict[str, Value] = {
            name: {
                "Type": "String",
                "Description": "What differs by account; other values have not been checked",
                "AllowedValues": values,
            }
            for name, values in self.parameters.items()
        }
        if self._refers_to_primaries:
            parameters["PrimaryStackName"] = {
                "Type": "String",
                "Description": "The stack that holds the primary keys, in their own Regions",
                "Default": self.primary_stack or "",
            }
        return {**sections, "Parameters": parameters} if parameters else sections

    @property
    def _refers_to_primaries(self) -> bool:
        arns = (item["Properties"] for key in self.keys for item in key.resources.values())
        return any(isinstance(item, Mapping) and isinstance(item.get("PrimaryKeyArn"), Mapping) for item in arns)

    def to_import(self) -> Self | None:
        """The template with what exists on AWS and nothing else; None where that is nothing."""
        there = tuple(
            replace(key, resources={name: key.resources[name] for name in key.identifiers})
            for key in self.keys
            if key.identifiers
        )
        return replace(self, path=f"import/{self.path}", keys=there, with_outputs=False) if there else None

    def resources_to_import(self) -> list[Mapping[str, object]]:
        """What `create-change-set --resources-to-import` takes.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ResourceToImport.html
        """
        return [
            {
                "ResourceType": key.resources[name]["Type"],
                "LogicalResourceId": name,
                "ResourceIdentifier": dict(identifier),
            }
            for key in self.keys
            for name, identifier in key.identifiers.items()
        ]

    def excess(self, size: int) -> Iterator[str]:
        """What of it is more than CloudFormation takes.

        Args:
            size: of its text, in bytes.
        """
        for count, most, noun in (
            (self.resources, MOST_RESOURCES, "resources"),
            (self.outputs, MOST_OUTPUTS, "outputs"),
            (size, MOST_BYTES, "bytes"),
        ):
            if count > most:
                yield f"{count:,} {noun}; CloudFormation takes {most:,}"
