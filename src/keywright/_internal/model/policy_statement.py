"""One statement of one's own in a key's policy, beside those that Keywright writes.

The fields are those of `key_statements` in the field's most used Terraform module, which are those of the data source
`aws_iam_policy_document`. A file may also write principals and conditions as a policy's JSON does, by type and by
operator.

See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from keywright._internal.model import text_rules
from keywright._internal.model.declared_model import DeclaredModel
from keywright._internal.model.value_error import Fault
from keywright._internal.model.values import without_nulls

PrincipalType = Literal["AWS", "Service", "Federated", "*"]


def _texts(value: Any) -> Any:
    """One value for a list of one; numbers and booleans as the text that a policy compares."""
    items = value if isinstance(value, list | tuple) else (value,)
    return tuple(_text(item) for item in items)


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else value


_PolicyText = Annotated[str, AfterValidator(text_rules.POLICY_TEXT.check)]
_Texts = Annotated[tuple[_PolicyText, ...], Field(min_length=1), BeforeValidator(_texts)]
_Actions = Annotated[
    tuple[Annotated[str, AfterValidator(text_rules.ACTION.check)], ...], Field(min_length=1), BeforeValidator(_texts)
]


class StatementPrincipal(DeclaredModel):
    """Principals of one type."""

    type: PrincipalType
    """`AWS`, `Service` or `Federated`; `*` with the identifier `*` is everybody."""
    identifiers: _Texts
    """ARNs of roles, users and accounts, service principals, or `*`."""

    @model_validator(mode="after")
    def _identifiers_are_of_their_type(self) -> Self:
        for text in self.identifiers:
            _check_identifier(self.type, text)
        return self


def _check_identifier(kind: PrincipalType, text: str) -> None:
    if kind == "*" and text != "*":
        raise Fault(
            f"names `{text}` with the type `*`, which stands for everybody", "write the type `AWS` or `Service`"
        )
    try:
        if kind == "Service":
            text_rules.SERVICE.check(text)
        elif kind == "AWS" and text != "*":
            text_rules.PINNED_PRINCIPAL.check(text)
    except Fault as fault:
        raise Fault(f"names `{text}`, which {fault.message}", fault.remedy) from fault


class StatementCondition(DeclaredModel):
    """One condition: a request fulfils it where one of the values fits."""

    test: Annotated[str, AfterValidator(text_rules.OPERATOR.check)]
    """The condition operator, for example `StringEquals`."""
    variable: Annotated[
        str, AfterValidator(text_rules.CONDITION_KEY.check), AfterValidator(text_rules.POLICY_TEXT.check)
    ]
    """The condition key, for example `aws:PrincipalOrgID`."""
    values: _Texts
    """The values, one of which must fit."""


def _principals(value: Any) -> Any:
    """Also as a policy's JSON has them: `"*"`, or identifiers by type."""
    if value == "*":
        return ({"type": "*", "identifiers": ("*",)},)
    if isinstance(value, dict) and "identifiers" not in value:
        return tuple({"type": kind, "identifiers": names} for kind, names in value.items())
    return value


def _conditions(value: Any) -> Any:
    """Also as a policy's JSON has them: values by operator and key."""
    if not isinstance(value, dict) or "test" in value:
        return value
    found = []
    for operator, keys in value.items():
        if not isinstance(keys, dict):
            raise Fault(f"has no condition keys under `{operator}`", "write `{OPERATOR: {KEY: VALUES}}`")
        found += [{"test": operator, "variable": key, "values": values} for key, values in keys.items()]
    return tuple(found)


_Principals = Annotated[tuple[StatementPrincipal, ...], Field(strict=False, min_length=1), BeforeValidator(_principals)]
_ONE_OF = (("actions", "not_actions"), ("principals", "not_principals"))


class PolicyStatement(DeclaredModel):
    """A statement of one's own."""

    sid: Annotated[_PolicyText, Field(min_length=1)] | None = None
    """Its name; no two of one's own may share one."""
    effect: Literal["Allow", "Deny"] = "Allow"
    """What it does to the requests that it matches."""
    actions: _Actions | None = None
    """The actions it is about; `*` and `?` are wildcards."""
    not_actions: _Actions | None = None
    """In place of `actions`: every action but these."""
    principals: _Principals | None = None
    """Whom it is about."""
    not_principals: _Principals | None = None
    """In place of `principals`: everybody but these."""
    resources: _Texts = ("*",)
    """In a key policy `*`, which is the key itself."""
    conditions: Annotated[tuple[StatementCondition, ...], Field(strict=False), BeforeValidator(_conditions)] = ()
    """What a request must also fulfil, all of it."""

    @model_validator(mode="after")
    def _says_whom_and_what(self) -> Self:
        for one, other in _ONE_OF:
            given = [name for name in (one, other) if getattr(self, name) is not None]
            if not given:
                raise Fault(f"has neither `{one}` nor `{other}`", f"write `{one}`")
            if len(given) > 1:
                raise Fault(f"has both `{one}` and `{other}`", "keep one of them, or make two statements")
        if self.not_principals is not None and self.effect == "Allow":
            raise Fault("allows everybody but some", "name `principals`, or write `effect: Deny`")
        return self

    def may_allow(self, action: str) -> bool:
        """Whether it allows somebody an action, as far as its effect and its actions tell."""
        if self.effect != "Allow":
            return False
        if self.not_actions is not None:
            return not any(_matches(item, action) for item in self.not_actions)
        return any(_matches(item, action) for item in self.actions or ())


def _matches(pattern: str, action: str) -> bool:
    return re.fullmatch(pattern.lower().replace("*", ".*").replace("?", "."), action.lower()) is not None


def _sids_differ(value: tuple[PolicyStatement, ...]) -> tuple[PolicyStatement, ...]:
    seen: set[str] = set()
    for sid in (item.sid for item in value if item.sid is not None):
        if sid in seen:
            raise Fault(f"names two statements `{sid}`", "give each a `sid` of its own, or none")
        seen.add(sid)
    return value


PolicyStatements = Annotated[
    tuple[Annotated[PolicyStatement, BeforeValidator(without_nulls)], ...],
    Field(strict=False),
    AfterValidator(_sids_differ),
]
