"""Values of a template: plain ones, intrinsic functions, and a key's policy whose account only the deployment knows.

A policy for an account that isn't known is generated with `UNKNOWN_ACCOUNT` in its place, a character that no policy on
AWS can hold; each text with that character becomes a function that puts the account there.

See https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

UNKNOWN_ACCOUNT: Final = "\ue000"
"""Stands for the account of the deployment; a private-use character, while KMS takes Latin-1 in a policy."""


@dataclass(frozen=True, slots=True)
class Function:
    """An intrinsic function, by the tag of its short form: `Ref`, `Sub`, `GetAtt`, `Join`."""

    name: str
    argument: Value


Value = str | int | bool | Function | Sequence["Value"] | Mapping[str, "Value"]

_ACCOUNT: Final = Function("Ref", "AWS::AccountId")


def with_account(text: str) -> Value:
    """A text, or the function that puts the deployment's account into it."""
    if UNKNOWN_ACCOUNT not in text:
        return text
    if text == UNKNOWN_ACCOUNT:
        return _ACCOUNT
    if "${" not in text:
        return Function("Sub", text.replace(UNKNOWN_ACCOUNT, "${AWS::AccountId}"))
    # `Sub` would read the policy's own variables; an account at the text's end leaves an empty part behind it.
    first, *others = text.split(UNKNOWN_ACCOUNT)
    parts: list[Value] = [first]
    for other in others:
        parts += [_ACCOUNT, other]
    return Function("Join", ["", [part for part in parts if part]])


def policy_value(text: str) -> Value:
    """A policy's JSON as a template holds it: its members in the same order, so that the same bytes come of it."""
    return _value(json.loads(text, parse_int=str, parse_float=str))


def _value(found: object) -> Value:
    if isinstance(found, Mapping):
        return {name: _value(member) for name, member in found.items()}
    if isinstance(found, bool):
        return str(found).lower()  # CloudFormation hands scalars over as text
    if isinstance(found, str):
        return with_account(found)
    return [_value(element) for element in found] if isinstance(found, Sequence) else ""
