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

from keywright._internal.templates.nodes import Node, Unresolved

if TYPE_CHECKING:
    from collections.abc import Callable

_VARIABLE: Final = re.compile(r"\$\{(!?)([^}]+)\}")
_DYNAMIC: Final = re.compile(r"\{\{resolve:[^}]+\}\}")
_DEEPEST: Final = 40
_NO_VALUE: Final = "AWS::NoValue"

_NAMES: Final = {
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::CloudTrail::Trail": "TrailName",
    "AWS::Serverless::Function": "FunctionName",
}
_ARNS: Final = {
    "AWS::IAM::Role": "arn:{partition}:iam::{account}:role{path}{name}",
    "AWS::IAM::User": "arn:{partition}:iam::{account}:user{path}{name}",
    "AWS::Lambda::Function": "arn:{partition}:lambda:{region}:{account}:function:{name}",
    "AWS::Serverless::Function": "arn:{partition}:lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "arn:{partition}:logs:{region}:{account}:log-group:{name}:*",
    "AWS::S3::Bucket": "arn:{partition}:s3:::{name}",
    "AWS::SNS::Topic": "arn:{partition}:sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "arn:{partition}:sqs:{region}:{account}:{name}",
    "AWS::CloudTrail::Trail": "arn:{partition}:cloudtrail:{region}:{account}:trail/{name}",
}
"""What `Fn::GetAtt` gives as ARN; for a log group with the `:*` that CloudFormation puts behind it."""
_REF_IS_ARN: Final = frozenset({"AWS::SNS::Topic"})


@dataclass
class Scope:
    """A template, and what is taken for its account and Region."""

    template: Node
    account: str
    region: str
    partition: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What somebody says of the template's parameters, in place of their defaults."""
    assumptions: dict[str, None] = field(default_factory=dict)
    """What was taken for granted on the way, in order."""

    def section(self, name: str) -> Mapping[str, Node]:
        """A section of the template, such as its parameters."""
        return self.template.members[name].members if name in self.template.members else {}

    def pseudo(self, name: str) -> str | None:
        """The value of a pseudo parameter."""
        china = self.partition == "aws-cn"
        return {
            "AWS::AccountId": self.account,
            "AWS::Partition": self.partition,
            "AWS::Region": self.region,
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
    if kind in _REF_IS_ARN:
        return _arn(name, kind, properties, node, scope, depth)
    if kind in _NAMES:
        return Node(_name(name, kind, properties, scope, depth), node.location)
    what = f"a `{kind}` gets its name" if kind else "it is no parameter and no resource of this template, so it gets it"
    return Node(Unresolved(f"`{name}`: {what} when the template is deployed"), node.location)


def _parameter(name: str, node: Node, scope: Scope) -> Node:
    declared = scope.section("Parameters")[name].members
    kind = declared["Type"].text if "Type" in declared else "String"
    value = scope.parameters.get(name)
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
    declared = scope.section("Resources").get(name)
    if declared is None:
        return "", {}
    kind = declared.members["Type"].text if "Type" in declared.members else ""
    properties = declared.members["Properties"].members if "Properties" in declared.members else {}
    return kind or "", properties


def _name(name: str, kind: str, properties: Mapping[str, Node], scope: Scope, depth: int) -> str:
    written = properties.get(_NAMES[kind])
    given = resolve(written, scope, depth).text if written is not None else None
    if given is not None:
        return given
    scope.assumptions[f"`{name}` stands for the name that CloudFormation makes"] = None
    return name.lower() if kind == "AWS::S3::Bucket" else name


def _arn(name: str, kind: str, properties: Mapping[str, Node], node: Node, scope: Scope, depth: int) -> Node:
    path = resolve(properties["Path"], scope, depth).text if "Path" in properties else "/"
    text = _ARNS[kind].format(
        partition=scope.partition,
        region=scope.region,
        account=scope.account,
        path=path or "/",
        name=_name(name, kind, properties, scope, depth),
    )
    return Node(text, node.location)


def _get_att(node: Node, argument: Node, scope: Scope, depth: int) -> Node:
    parts = [item.text or "" for item in argument.elements] or (argument.text or "").split(".", 1)
    return _attribute(parts[0], parts[-1], node, scope, depth)


def _attribute(name: str, attribute: str, node: Node, scope: Scope, depth: int) -> Node:
    kind, properties = _resource(name, scope)
    if kind in _ARNS and attribute in {"Arn", "TopicArn"}:
        return _arn(name, kind, properties, node, scope, depth)
    if kind == "AWS::SQS::Queue" and attribute == "QueueName":
        return Node(_name(name, kind, properties, scope, depth), node.location)
    return Node(Unresolved(f"`{name}.{attribute}` is known only when the template is deployed"), node.location)


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
        elif "." in name and name.partition(".")[0] in scope.section("Resources"):
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
    holds = _condition(name or "", scope, depth)
    if holds is None or len(argument.elements) != 3:  # noqa: PLR2004 - a condition and two values
        return Node(Unresolved(f"condition `{name}` isn't decided by the template alone"), node.location)
    return resolve(argument.elements[1 if holds else 2], scope, depth)


def _condition(name: str, scope: Scope, depth: int) -> bool | None:
    declared = scope.section("Conditions").get(name)
    return _truth(declared, scope, depth + 1) if declared is not None and depth < _DEEPEST else None


def _truth(node: Node, scope: Scope, depth: int) -> bool | None:
    """Whether a condition's expression holds; None where the template doesn't tell."""
    if len(node.members) != 1:
        return {"true": True, "false": False}.get((node.text or "").lower())
    ((name, argument),) = node.members.items()
    if name == "Condition":
        return _condition(argument.text or "", scope, depth)
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
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
}
