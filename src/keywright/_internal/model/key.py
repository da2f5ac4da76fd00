"""A key as a person declares it: fields that are right by themselves and go together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import ModelWrapValidatorHandler, ValidationError, ValidationInfo, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from keywright._internal.model.key_fields import KeyFields
from keywright._internal.model.key_rules import Conflict, conflicts


class Key(KeyFields):
    """One customer-managed key: the same names, defaults and rules as the Terraform module's variables."""

    @model_validator(mode="wrap")
    @classmethod
    def _fields_fit_together(cls, data: Any, handler: ModelWrapValidatorHandler[Key], info: ValidationInfo) -> Key:
        try:
            key = handler(data)
        except ValidationError as error:
            if not isinstance(data, Mapping):
                raise
            wrong = wrong_fields(error)
            right = handler({name: value for name, value in data.items() if name not in wrong})
            details: list[InitErrorDetails] = [*_details(error), *map(_detail, conflicts(right, without=wrong))]
        else:
            if info.context is _ALONE:
                return key
            details = [_detail(conflict) for conflict in conflicts(key)]
            if not details:
                return key
        raise ValidationError.from_exception_data(cls.__name__, details)


_ALONE = object()


def wrong_fields(error: ValidationError) -> frozenset[str]:
    """The fields of a key that a validation blames."""
    return frozenset(str(item["loc"][0]) for item in error.errors(include_url=False) if item["loc"])


def right_fields(data: Mapping[str, Any], wrong: Collection[str]) -> Key:
    """A key of those fields that are right by themselves, to look for what else is wrong; not one to work with."""
    return Key.model_validate({name: value for name, value in data.items() if name not in wrong}, context=_ALONE)


def _detail(conflict: Conflict) -> InitErrorDetails:
    words = {"message": conflict.message, "remedy": conflict.remedy, "fields": conflict.fields}
    kind = PydanticCustomError("conflict", "{message}; {remedy}", words)
    return InitErrorDetails(type=kind, loc=conflict.path, input=conflict.value)


def _details(error: ValidationError) -> list[InitErrorDetails]:
    return [
        InitErrorDetails(
            type=PydanticCustomError(item["type"], "{message}", {**item.get("ctx", {}), "message": item["msg"]}),
            loc=item["loc"],
            input=item["input"],
        )
        for item in error.errors(include_url=False)
    ]
