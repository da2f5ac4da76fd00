"""A stack: named keys that stand beside each other, and what must hold of all their policies."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from keywright._internal.model import values
from keywright._internal.model.key import Key
from keywright._internal.model.spelling import did_you_mean
from keywright._internal.model.stack_rules import clashes
from keywright._internal.model.value_error import Fault
from keywright.errors import UnknownName

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,63}")
"""Names of stacks and keys, which are the values of tags on AWS."""

_LISTED: Final = 12
"""How many keys a message lists."""


def _stack_name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise Fault("is not a name for a stack", "use up to 64 letters, digits, `-`, `_` and `.`")
    return value


def _key_name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise Fault("is not a name for a key", "use up to 64 letters, digits, `-`, `_` and `.`")
    return value


def not_empty(value: Mapping[str, Key]) -> Mapping[str, Key]:
    """Refuse a stack without a key."""
    if not value:
        raise Fault("is empty", "declare at least one key")
    return value


StackName = Annotated[str, AfterValidator(_stack_name)]
KeyName = Annotated[str, AfterValidator(_key_name)]


class Stack(BaseModel):
    """Named keys. The stack's name and each key's name are the identity that the tags on AWS carry."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: StackName
    keys: Annotated[Mapping[KeyName, Key], AfterValidator(not_empty)]
    claims: values.Claims = Field(default=())
    """Claims that hold for each key, beside the key's own."""

    @model_validator(mode="after")
    def _keys_stand_beside_each_other(self) -> Self:
        details = [
            InitErrorDetails(
                type=PydanticCustomError(
                    "conflict", "{message}; {remedy}", {"message": clash.message, "remedy": clash.remedy, "fields": ()}
                ),
                loc=("keys", clash.key, *clash.path),
                input=clash.value,
            )
            for clash in clashes(self.keys)
        ]
        if details:
            raise ValidationError.from_exception_data(type(self).__name__, details)
        return self

    def only(self, names: Collection[str]) -> Self:
        """The same stack with some of its keys, in their order.

        Raises:
            UnknownName: it has no key of one of the names.
        """
        unknown = [name for name in dict.fromkeys(names) if name not in self.keys]
        if unknown:
            keys = "key" if len(unknown) == 1 else "keys"
            raise UnknownName(
                f"the file has no {keys} {', '.join(f'`{name}`' for name in unknown)}",
                did_you_mean(unknown[0], self.keys) or _listed(self.keys),
            )
        chosen = {name: key for name, key in self.keys.items() if name in names}
        return self.model_copy(update={"keys": chosen})


def _listed(keys: Mapping[str, Key]) -> str:
    names = list(keys)
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"its keys are {', '.join(names[:_LISTED])}{more}"
