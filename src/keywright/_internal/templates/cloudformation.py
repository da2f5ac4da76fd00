"""Key policies of a CloudFormation template, and of one that CDK or SAM made.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from keywright._internal.templates.intrinsics import Scope, condition_holds, resolve
from keywright._internal.templates.loops import LOOP, unrolled
from keywright._internal.templates.nodes import Node, Unresolved, read_nodes
from keywright._internal.templates.template_policy import TemplatePolicy, Unknown, default_policy
from keywright.errors import InvalidTemplate, Location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_KEYS: Final = frozenset({"AWS::KMS::Key", "AWS::KMS::ReplicaKey"})
_NESTED: Final = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}
"""The resources that are stacks, and the property that says where their template is."""
_STACK_SET: Final = "AWS::CloudFormation::StackSet"
_DEEPEST_NESTING: Final = 8
_MEANINGLESS: Final = ("Id", "Sid")
"""Members of a policy that decide nothing: what they say need not be known."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is known of a template's deployment beside the template."""

    account: str | None = None
    region: str | None = None
    parameters: Mapping[str, Node] = field(default_factory=dict)
    exports: Mapping[str, Node] = field(default_factory=dict)
    """What other templates export, by the export's name."""
    nested: Callable[[str, str], tuple[str, str] | None] = lambda _file, _location: None
    """The name and text of a nested stack's template, by the file it is named in and what stands there."""

    def scope(self, template: Node) -> Scope:
        """In which the template's functions are worked out."""
        return Scope(template, self.account, self.region, self.parameters, self.exports)


def said_parameters(values: Mapping[str, str]) -> dict[str, Node]:
    """Parameters that somebody says on a command line."""
    return {name: Node(value, Location("--parameter", 1, 1)) for name, value in values.items()}


def policies_of_template(
    text: str, *, file: str, deployment: Deployment | None = None, depth: int = 0
) -> Iterator[TemplatePolicy]:
    """Every key's policy of a template, and of the stacks nested in it.

    Args:
        text: the template, JSON or YAML.
        file: its name, for places.
        deployment: what is known beside it.
        depth: in how many stacks it is nested.

    Raises:
        InvalidTemplate: it is no template.
    """
    template = read_nodes(text, file)
    if "Resources" not in template.members:
        raise InvalidTemplate(f"`{file}` has no `Resources`", "give a CloudFormation template, or one that CDK made")
    known = deployment or Deployment()
    for name, resource in unrolled(template.members["Resources"].members, known.scope(template)):
        kind = _text(resource, "Type")
        if name.startswith(LOOP):
            if any(key in json.dumps(resource.plain()) for key in _KEYS):
                yield _unknown(name, resource, "`Fn::ForEach` loops over what isn't known here")
        elif kind in _KEYS:
            yield _policy(name, resource, known.scope(template))
        elif kind in _NESTED:
            yield from _nested(name, resource, known, known.scope(template), depth + 1)
        elif kind == _STACK_SET:
            yield from _of_stack_set(name, resource, known, known.scope(template), depth + 1)


def exports_of_template(text: str, *, file: str, deployment: Deployment | None = None) -> dict[str, Node]:
    """What a template exports to others, by the export's name, as far as it is known.

    Raises:
        InvalidTemplate: it can't be read.
    """
    template = read_nodes(text, file)
    scope = (deployment or Deployment()).scope(template)
    found: dict[str, Node] = {}
    for output in scope.section("Outputs").values():
        export = output.members["Export"].members if "Export" in output.members else {}
        name = resolve(export["Name"], scope).text if "Name" in export else None
        if name is not None and "Value" in output.members:
            found[name] = resolve(output.members["Value"], scope)
    return found


def _policy(name: str, resource: Node, scope: Scope) -> TemplatePolicy:
    properties = _properties(resource)
    written = properties.get("KeyPolicy")
    unknown: tuple[Unknown, ...] = ()
    if written is None:
        text = default_policy(scope.account_id(), scope.partition)
        resolved = resource
        scope.assumptions["it has no policy of its own, and gets AWS's default key policy"] = None
    else:
        resolved = _without_unknown_names(resolve(written, scope))
        unknown = tuple(Unknown(at, why) for at, why in resolved.unresolved())
        text = json.dumps(resolved.plain())
    condition = _text(resource, "Condition")
    if condition is not None and condition_holds(condition, scope) is False:
        scope.assumptions[f"it is made only where condition `{condition}` holds, which it doesn't here"] = None
    spec, usage = (
        resolve(properties[key], scope).text if key in properties else None for key in ("KeySpec", "KeyUsage")
    )
    return TemplatePolicy(
        name,
        resource.location,
        None if unknown else text,
        resolved.locate,
        unknown,
        tuple(scope.assumptions),
        scope.account,
        scope.region,
        spec,
        usage,
    )


def _nested(name: str, resource: Node, known: Deployment, scope: Scope, depth: int) -> Iterator[TemplatePolicy]:
    """The policies of a nested stack, whose template is read where it is a file here."""
    properties = _properties(resource)
    address = properties.get(_NESTED[_text(resource, "Type") or ""])
    location = resolve(address, scope).text if address is not None else None
    found = known.nested(resource.location.file, location) if location is not None else None
    if found is None or depth > _DEEPEST_NESTING:
        yield _unknown(name, resource, "the nested stack's template is no file here; check it by itself")
        return
    given = resolve(properties["Parameters"], scope).members if "Parameters" in properties else {}
    inner = replace(known, parameters={parameter: _joined(value) for parameter, value in given.items()})
    file, text = found
    for policy in policies_of_template(text, file=file, deployment=inner, depth=depth):
        yield replace(policy, name=f"{name}.{policy.name}")


def _of_stack_set(name: str, resource: Node, known: Deployment, scope: Scope, depth: int) -> Iterator[TemplatePolicy]:
    """The policies of a stack set's template, if it is written in place; each stands where the stack set does."""
    body = _properties(resource).get("TemplateBody")
    text = resolve(body, scope).text if body is not None else None
    if body is None or text is None:
        yield _unknown(name, resource, "the stack set's template isn't written here; check it by itself")
        return
    for policy in policies_of_template(
        text, file=resource.location.file, deployment=replace(known, account=None, parameters={}), depth=depth
    ):
        yield replace(
            policy,
            name=f"{name}.{policy.name}",
            location=body.location,
            locate=body.locate,
            unknown=tuple(replace(item, location=body.location) for item in policy.unknown),
        )


def _joined(value: Node) -> Node:
    """A nested stack's parameter: a list is handed over as text with commas."""
    texts = [element.text for element in value.elements]
    if isinstance(value.value, str | Unresolved) or None in texts:
        return value
    return Node(",".join(text or "" for text in texts), value.location)


def _unknown(name: str, resource: Node, why: str) -> TemplatePolicy:
    return TemplatePolicy(name, resource.location, None, resource.locate, (Unknown(resource.location, why),))


def _without_unknown_names(policy: Node) -> Node:
    """The policy without those ids of it and of its statements that aren't known: they have no meaning."""
    if isinstance(policy.value, str | Unresolved):
        return policy
    if isinstance(policy.value, Mapping):
        members = {
            name: _without_unknown_names(member) if name == "Statement" else member
            for name, member in policy.value.items()
            if not (name in _MEANINGLESS and isinstance(member.value, Unresolved))
        }
        return Node(members, policy.location)
    return Node([_without_unknown_names(statement) for statement in policy.value], policy.location)


def _properties(resource: Node) -> Mapping[str, Node]:
    return resource.members["Properties"].members if "Properties" in resource.members else {}


def _text(resource: Node, member: str) -> str | None:
    return resource.members[member].text if member in resource.members else None
