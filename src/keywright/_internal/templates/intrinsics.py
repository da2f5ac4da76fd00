"""CloudFormation's intrinsic functions, worked out as far as a template alone tells.

What a deployment makes anew, such as a role's generated name, is stood in for by the logical id: it is one name of this
account, whatever it will be. What comes from elsewhere isn't known.
See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from keywright._internal.facts.offerings import partition_of_region
from keywright._internal.templates.nodes import Node, Unresolved
from keywright._internal.templates.resource_names import NAMED_RESOURCES, SAM_MAKES_ROLES_FOR, SAM_ROLE
from keywright._internal.templates.template_policy import STAND_IN_ACCOUNT, STAND_IN_REGION

if TYPE_CHECKING:
    from collections.abc import Callable

_VARIABLE: Final = re.compile(r"\$\{(!?)([^}]+)\}")
_DYNAMIC: Final = re.compile(r"\{\{resolve:[^}]+\}\}")
_DEEPEST: Final = 40
_NO_VALUE: Final = "AWS::NoValue"


@dataclass
class Scope:
    """A template, and what is taken for its account and Region."""

    template: Node
    account: str | None
    """The account it is deployed to; None where nobody says it."""
    region: str | None
    """The Region it is deployed to; None where nobody says it."""
    parameters: Mapping[str, Node] = field(default_factory=dict)
    """What is said of the template's parameters, in place of their defaults."""
    exports: Mapping[str, Node] = field(default_factory=dict)
    """What other templates export, by the export's name."""
    assumptions: dict[str, None] = field(default_factory=dict)
    """What was taken for granted on the way, in order."""

    def account_id(self) -> str:
        """The account; a stand-in, which is noted, where nobody says it."""
        if self.account is None:
            self._take("AccountId", STAND_IN_ACCOUNT, "account")
            self.account = STAND_IN_ACCOUNT
        return self.account

    def region_name(self) -> str:
        """The Region; a stand-in, which is noted, where nobody says it."""
        if self.region is None:
            self._take("Region", STAND_IN_REGION, "region")
            self.region = STAND_IN_REGION
        return self.region

    @property
    def partition(self) -> str:
        """The partition, which follows from the Region."""
        return partition_of_region().get(self.region or STAND_IN_REGION, "aws")

    def _take(self, name: str, value: str, option: str) -> None:
        self.assumptions[f"`AWS::{name}` is taken for {value}; `--{option}` says another"] = None

    def section(self, name: str) -> Mapping[str, Node]:
        """A section of the template, such as its parameters."""
        return self.template.members[name].members if name in self.template.members else {}

    def pseudo(self, name: str) -> str | None:
        """The value of a pseudo parameter."""
        if name == "AWS::AccountId":
            return self.account_id()
        if name == "AWS::Region":
            return self.region_name()
        china = self.partition == "aws-cn"
        return {
            "AWS::Partition": self.partition,
            "AWS::URLSuffix": "amazonaws.com.cn" if china else "amazonaws.com",
            "AWS::StackName": "stack",
        }.get(name)


def resolve(node: Node, scope: Scope, depth: int = 0) -> Node:
    """The node with every function in it worked out, or an `Unresolved` in its place."""
    if depth > _DEEPEST:
        return Node(Unresolved("functions refer to one another in a circle"), node.location)
    if node.text is not None:
        return _static(node)
    if len(node.members) == 1:
        ((name, argument),) = node.members.items()
        function = _FUNCTIONS.get(name)
        if function is not None:
            return function(node, argument, scope, depth + 1)
        if name.startswith("Fn::"):
            return Node(Unresolved(f"`{name}` is known only when the template is deployed"), node.location)
    if isinstance(node.value, Mapping):
        members = {name: resolve(member, scope, depth + 1) for name, member in node.value.items()}
        return Node({name: member for name, member in members.items() if member.value != _NO_VALUE}, node.location)
    elements = [resolve(element, scope, depth + 1) for element in node.elements]
    return Node([element for element in elements if element.value != _NO_VALUE], node.location)


def _static(node: Node) -> Node:
    if _DYNAMIC.search(node.text or ""):
        return Node(Unresolved("a dynamic reference is looked up when the template is deployed"), node.location)
    return node


def _ref(node: Node, argument: Node, scope: Scope, depth: int) -> Node:
    return _named(argument.text or "", node, scope, depth)


def _named(name: str, node: Node, scope: Scope, depth: int) -> Node:
    """What `Ref` or a `${…}` gives for a name."""
    known = _NO_VALUE if name == _NO_VALUE else scope.pseudo(name)
    if known is not None:
        return Node(known, node.location)
    if name in scope.section("Parameters"):
        return _parameter(name, node, scope)
    kind, properties = _resource(name, scope)
    named = NAMED_RESOURCES.get(kind)
    if named is not None and named.ref_is_arn:
        return Node(_arn(name, kind, properties, scope, depth), node.location)
    if named is not None:
        return Node(_name(name, kind, properties, scope, depth), node.location)
    what = f"`{kind}` gets its id" if kind else "no parameter or resource of this template has this name; it is known"
    return Node(Unresolved(f"`{name}`: {what} when the template is deployed"), node.location)


def _parameter(name: str, node: Node, scope: Scope) -> Node:
    declared = scope.section("Parameters")[name].members
    kind = declared["Type"].text if "Type" in declared else "String"
    given = scope.parameters.get(name)
    if given is not None and given.text is None:
        return Node(given.value, node.location)
    value = given.text if given is not None else None
    if value is None:
        if (kind or "").startswith("AWS::SSM::Parameter"):
            return Node(Unresolved(f"parameter `{name}` is looked up in Parameter Store"), node.location)
        value = declared["Default"].text if "Default" in declared else None
        if value is None:
            return Node(Unresolved(f"parameter `{name}` has no default; `--parameter {name}=…` says it"), node.location)
        scope.assumptions[f"parameter `{name}` has its default, {f'`{value}`' if value else 'which is empty'}"] = None
    if kind == "CommaDelimitedList" or (kind or "").startswith("List<"):
        return Node([Node(part.strip(), node.location) for part in value.split(",")], node.location)
    return Node(value, node.location)


def _resource(name: str, scope: Scope) -> tuple[str, Mapping[str, Node]]:
    """A resource's kind and properties; of the role, too, that SAM makes for a function or a state machine."""
    declared = scope.section("Resources").get(name)
    if declared is None:
        owner, owned = _resource(name.removesuffix(SAM_ROLE), scope) if name.endswith(SAM_ROLE) else ("", {})
        return ("AWS::IAM::Role", {}) if owner in SAM_MAKES_ROLES_FOR and "Role" not in owned else ("", {})
    kind = declared.members["Type"].text if "Type" in declared.members else ""
    properties = declared.members["Properties"].members if "Properties" in declared.members else {}
    return kind or "", properties


def _name(name: str, kind: str, properties: Mapping[str, Node], scope: Scope, depth: int) -> str:
    written = properties.get(NAMED_RESOURCES[kind].name_property or "")
    given = resolve(written, scope, depth).text if written is not None else None
    if given is not None:
        return given
    scope.assumptions[f"`{name}` stands for the name that AWS gives it"] = None
    return name.lower() if kind == "AWS::S3::Bucket" else name


def _arn(name: str, kind: str, properties: Mapping[str, Node], scope: Scope, depth: int) -> str:
    path = resolve(properties["Path"], scope, depth).text if "Path" in properties else "/"
    shape = NAMED_RESOURCES[kind].arn or ""
    return shape.format(
        partition=scope.partition,
        region=scope.region_name() if "{region}" in shape else "",
        account=scope.account_id() if "{account}" in shape else "",
        path=path or "/",
        name=_name(name, kind, properties, scope, depth),
    )


def _get_att(node: Node, argument: Node, scope: Scope, depth: int) -> Node:
    parts = [item.text or "" for item in argument.elements] or (argument.text or "").split(".", 1)
    return _attribute(parts[0], parts[-1], node, scope, depth)


def _attribute(name: str, attribute: str, node: Node, scope: Scope, depth: int) -> Node:
    kind, properties = _resource(name, scope)
    named = NAMED_RESOURCES.get(kind)
    if named is not None and named.arn is not None and attribute == named.arn_attribute:
        return Node(_arn(name, kind, properties, scope, depth), node.location)
    if named is not None and attribute == named.name_property:
        return Node(_name(name, kind, properties, scope, depth), node.location)
    return Node(Unresolved(f"`{name}.{attribute}` is known only when the template is deployed"), node.location)


def _import_value(node: Node, argument: Node, scope: Scope, depth: int) -> Node:
    name = resolve(argument, scope, depth).text
    found = scope.exports.get(name or "")
    if found is None:
        why = f"`{name}` is exported by a template that isn't given" if name else "what it imports isn't known here"
        return Node(Unresolved(why), node.location)
    scope.assumptions[f"`{name}` is what {found.location.file} exports"] = None
    return Node(found.value, node.location)


def _sub(node: Node, argument: Node, scope: Scope, depth: int) -> Node:
    template = argument if argument.text is not None else argument.elements[0] if argument.elements else argument
    own = argument.elements[1].members if len(argument.elements) > 1 else {}
    unknown: list[Node] = []

    def replaced(match: re.Match[str]) -> str:
        name = match[2].strip()
        if match[1]:
            return f"${{{name}}}"
        if name in own:
            found = resolve(own[name], scope, depth)
        elif "." in name and _resource(name.partition(".")[0], scope)[0]:
            resource, _, attribute = name.partition(".")
            found = _attribute(resource, attribute, node, scope, depth)
        else:
            found = _named(name, node, scope, depth)
        if found.text is None:
            unknown.append(found)
        return found.text or ""

    text = _VARIABLE.sub(replaced, template.text or "")
    return Node(unknown[0].value if unknown else text, node.location)


def _join(node: Node, argument: Node, scope: Scope, depth: int) -> Node:
    if len(argument.elements) != 2 or argument.elements[0].text is None:  # noqa: PLR2004 - a delimiter and a list
        return Node(Unresolved("`Fn::Join` takes a delimiter and a list"), node.location)
    parts = resolve(argument.elements[1], scope, depth)
    unknown = next((part for part in (parts, *parts.elements) if isinstance(part.value, Unresolved)), None)
    if unknown is not None:
        return Node(unknown.value, node.location)
    return Node(argument.elements[0].text.join(part.text or "" for part in parts.elements), node.location)


def _select(node: Node, argument: Node, scope: Scope, depth: int) -> Node:
    resolved = resolve(Node(argument.elements, node.location), scope, depth).elements
    number = resolved[0].text if resolved else None
    items = resolved[1].elements if len(resolved) > 1 else ()
    if number is not None and number.isdigit() and int(number) < len(items):
        return items[int(number)]
    return Node(Unresolved("`Fn::Select` picks from what isn't known here"), node.location)


def _split(node: Node, argument: Node, scope: Scope, depth: int) -> Node:
    resolved = resolve(Node(argument.elements, node.location), scope, depth).elements
    texts = [item.text for item in resolved]
    if len(texts) == 2 and texts[0] and texts[1] is not None:  # noqa: PLR2004 - a delimiter and a text
        return Node([Node(part, node.location) for part in texts[1].split(texts[0])], node.location)
    return Node(Unresolved("`Fn::Split` splits what isn't known here"), node.location)


def _find_in_map(node: Node, argument: Node, scope: Scope, depth: int) -> Node:
    keys = [resolve(item, scope, depth).text for item in argument.elements]
    found: Node | None = Node(scope.section("Mappings"), node.location)
    for key in keys:
        found = found.members.get(key) if found is not None and key is not None else None
    unknown = Node(Unresolved("`Fn::FindInMap` looks up what isn't known here"), node.location)
    return resolve(found, scope, depth) if found is not None and keys else unknown


def _if(node: Node, argument: Node, scope: Scope, depth: int) -> Node:
    name = argument.elements[0].text if argument.elements else None
    holds = condition_holds(name or "", scope, depth)
    if holds is None or len(argument.elements) != 3:  # noqa: PLR2004 - a condition and two values
        return Node(Unresolved(f"condition `{name}` isn't decided by the template alone"), node.location)
    return resolve(argument.elements[1 if holds else 2], scope, depth)


def condition_holds(name: str, scope: Scope, depth: int = 0) -> bool | None:
    """Whether a condition of the template holds; None where the template doesn't tell."""
    declared = scope.section("Conditions").get(name)
    return _truth(declared, scope, depth + 1) if declared is not None and depth < _DEEPEST else None


def _truth(node: Node, scope: Scope, depth: int) -> bool | None:
    """Whether a condition's expression holds; None where the template doesn't tell."""
    if len(node.members) != 1:
        return {"true": True, "false": False}.get((node.text or "").lower())
    ((name, argument),) = node.members.items()
    if name == "Condition":
        return condition_holds(argument.text or "", scope, depth)
    if name == "Fn::Equals":
        sides = [resolve(item, scope, depth).text for item in argument.elements]
        return None if None in sides or not sides else len(set(sides)) == 1
    return _combined(name, [_truth(item, scope, depth + 1) for item in argument.elements])


def _combined(name: str, parts: list[bool | None]) -> bool | None:
    """`Fn::Not`, `Fn::And` or `Fn::Or` of what is known."""
    if name == "Fn::Not":
        return None if not parts or parts[0] is None else not parts[0]
    deciding = {"Fn::And": False, "Fn::Or": True}.get(name)
    if deciding is None or deciding in parts:
        return deciding
    return None if None in parts else not deciding


_FUNCTIONS: Final[Mapping[str, Callable[[Node, Node, Scope, int], Node]]] = {
    "Ref": _ref,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
}
