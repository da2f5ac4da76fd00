"""Key policies of a CloudFormation template, and of one that CDK or SAM made.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from keywright._internal.templates.intrinsics import Scope, resolve
from keywright._internal.templates.nodes import read_nodes
from keywright._internal.templates.template_policy import (
    STAND_IN_ACCOUNT,
    STAND_IN_REGION,
    TemplatePolicy,
    Unknown,
    default_policy,
)
from keywright.errors import InvalidTemplate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright._internal.templates.nodes import Node

_KEYS: Final = frozenset({"AWS::KMS::Key", "AWS::KMS::ReplicaKey"})
_LOOP: Final = "Fn::ForEach::"


def policies_of_template(
    text: str,
    *,
    file: str,
    account: str | None = None,
    region: str | None = None,
    partition: str = "aws",
    parameters: Mapping[str, str] | None = None,
) -> Iterator[TemplatePolicy]:
    """Every key's policy of a template.

    Args:
        text: the template, JSON or YAML.
        file: its name, for places.
        account: what `AWS::AccountId` is; a stand-in where left out.
        region: what `AWS::Region` is; a stand-in where left out.
        partition: what `AWS::Partition` is.
        parameters: what parameters are, in place of their defaults.

    Raises:
        InvalidTemplate: it is no template.
    """
    template = read_nodes(text, file)
    if "Resources" not in template.members:
        raise InvalidTemplate(f"`{file}` has no `Resources`", "give a CloudFormation template, or one that CDK made")
    for name, resource in template.members["Resources"].members.items():
        kind = resource.members["Type"].text if "Type" in resource.members else None
        if name.startswith(_LOOP) and any(key in json.dumps(resource.plain()) for key in _KEYS):
            why = Unknown(resource.location, "`Fn::ForEach` makes its resources when the template is deployed")
            yield TemplatePolicy(name, resource.location, None, resource.locate, (why,))
        elif kind in _KEYS:
            scope = Scope(template, account or STAND_IN_ACCOUNT, region or STAND_IN_REGION, partition, parameters or {})
            yield _policy(name, resource, scope, told=(account is not None, region is not None))


def _policy(name: str, resource: Node, scope: Scope, *, told: tuple[bool, bool]) -> TemplatePolicy:
    properties = resource.members["Properties"].members if "Properties" in resource.members else {}
    written = properties.get("KeyPolicy")
    unknown: tuple[Unknown, ...] = ()
    if written is None:
        text = default_policy(scope.account, scope.partition)
        resolved = resource
        scope.assumptions["it has no policy of its own, and gets AWS's default key policy"] = None
    else:
        resolved = resolve(written, scope)
        unknown = tuple(Unknown(at, why) for at, why in resolved.unresolved())
        text = json.dumps(resolved.plain())
    taken = [
        f"`AWS::{what}` is taken for {value}; `--{option}` says another"
        for known, what, value, option in zip(
            told, ("AccountId", "Region"), (scope.account, scope.region), ("account", "region"), strict=True
        )
        if not known
    ]
    spec, usage = (
        resolve(properties[key], scope).text if key in properties else None for key in ("KeySpec", "KeyUsage")
    )
    return TemplatePolicy(
        name,
        resource.location,
        None if unknown else text,
        resolved.locate,
        unknown,
        (*taken, *scope.assumptions),
        scope.account,
        scope.region,
        spec,
        usage,
    )
