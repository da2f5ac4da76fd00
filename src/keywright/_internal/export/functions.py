"""Values of a template: plain ones, intrinsic functions, and texts with what only the deployment knows.

Keys are generated with a stand-in for what isn't known: an account's number, a parameter's value. Each text that holds
one becomes a function that puts the deployment's own value there.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from keywright.errors import InputError

ACCOUNT: Final = "AWS::AccountId"


@dataclass(frozen=True, slots=True)
class Function:
    """An intrinsic function, by the tag of its short form: `Ref`, `Sub`, `GetAtt`, `Join`."""

    name: str
    argument: Value


Value = str | int | bool | Function | Sequence["Value"] | Mapping[str, "Value"]


@dataclass(frozen=True, slots=True)
class StandIns:
    """What stands for the values of a deployment.

    Args:
        names: what `Ref` calls each value, by its stand-in.
    """

    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def account(self) -> str | None:
        """What stands for the account of the deployment; None where every account is known."""
        return next((text for text, name in self.names.items() if name == ACCOUNT), None)

    def value(self, text: str) -> Value:
        """A text, or the function that puts the deployment's values into it."""
        parts = self._parts(text)
        if len(parts) == 1:
            return parts[0]
        if "${" not in text:
            return Function(
                "Sub", "".join(part if isinstance(part, str) else f"${{{part.argument}}}" for part in parts)
            )
        return Function("Join", ["", parts])  # `Sub` would read the policy's own variables

    def policy(self, text: str) -> Value:
        """A policy's JSON as a template holds it: its members in the same order, so that the same bytes come of it."""
        return self._inside(json.loads(text, parse_int=str, parse_float=str))

    def named(self, text: str) -> str:
        """The text with the name of each value in the place of its stand-in."""
        for stand_in, name in self.names.items():
            text = text.replace(stand_in, name)
        return text

    def _name(self, text: str) -> str:
        if any(stand_in in text for stand_in in self.names):
            name = " and ".join(f"`{item}`" for item in self.names.values())
            raise InputError(f"a condition's key depends on {name}, which CloudFormation can't put there")
        return text

    def _parts(self, text: str) -> list[str | Function]:
        if not self.names:
            return [text]
        found = re.split(f"({'|'.join(map(re.escape, self.names))})", text)
        parts: list[str | Function] = [
            Function("Ref", self.names[part]) if part in self.names else part for part in found if part
        ]
        return parts or [text]

    def _inside(self, found: object) -> Value:
        if isinstance(found, Mapping):
            return {self._name(name): self._inside(member) for name, member in found.items()}
        if isinstance(found, bool):
            return str(found).lower()  # CloudFormation hands scalars over as text
        if isinstance(found, str):
            return self.value(found)
        return [self._inside(element) for element in found] if isinstance(found, Sequence) else ""


def worked_out(value: Value, known: Mapping[str, str]) -> Value:
    """A value with every function in it replaced, whose values are all known; others stay."""
    if isinstance(value, Function):
        return _result(value, known)
    if isinstance(value, Mapping):
        return {name: worked_out(member, known) for name, member in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [worked_out(element, known) for element in value]
    return value


def _result(function: Function, known: Mapping[str, str]) -> Value:
    argument = function.argument
    if function.name == "Ref" and isinstance(argument, str):
        return known.get(argument, function)
    if function.name == "Sub" and isinstance(argument, str):
        text = re.sub(r"\$\{([^}]+)\}", lambda found: known.get(found[1], found[0]), argument)
        return Function("Sub", text) if "${" in text else text
    parts = worked_out(argument, known)
    if function.name == "Join" and isinstance(parts, Sequence):
        delimiter, texts = parts
        if isinstance(delimiter, str) and isinstance(texts, Sequence) and all(isinstance(item, str) for item in texts):
            return delimiter.join(map(str, texts))
    return Function(function.name, parts)


def names_in(value: Value) -> frozenset[str]:
    """What the functions in a value refer to."""
    if isinstance(value, Function):
        own = re.findall(r"\$\{([^}]+)\}", str(value.argument)) if value.name == "Sub" else [str(value.argument)]
        return frozenset(own) if isinstance(value.argument, str) else names_in(value.argument)
    if isinstance(value, Mapping):
        return frozenset().union(*map(names_in, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return frozenset().union(*map(names_in, value))
    return frozenset()


def unused_account(text: str) -> str:
    """A number that no account has in a text, to stand for one."""
    numbers = (f"{number:012d}" for number in itertools.count())
    return next(number for number in numbers if number not in text)
