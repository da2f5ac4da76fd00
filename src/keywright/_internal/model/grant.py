"""A grant declared with a key: what one principal may do with it, beside the key policy.

See https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from keywright._internal.facts.offerings import grant_operations
from keywright._internal.model.declared_model import DeclaredModel
from keywright._internal.model.spelling import did_you_mean
from keywright._internal.model.text_rules import GRANT_NAME, MAX_CONTEXT_VALUE, PINNED_PRINCIPAL
from keywright._internal.model.value_error import Fault
from keywright._internal.model.values import without_nulls

MAX_CONTEXT_PAIRS = 8
"""https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html"""


def _operation(value: str) -> str:
    known = grant_operations()
    if value not in known:
        name = value.removeprefix("kms:")
        remedy = f"write `{name}`" if name in known else did_you_mean(value, known) or "write for example `Decrypt`"
        raise Fault("is not an operation that a grant can allow", remedy)
    return value


def _operations(value: tuple[str, ...]) -> tuple[str, ...]:
    for operation in value:
        if value.count(operation) > 1:
            raise Fault(f"names `{operation}` twice", "keep one of them")
    return value


def _context(value: dict[str, str]) -> dict[str, str]:
    if len(value) > MAX_CONTEXT_PAIRS:
        raise Fault(f"holds {len(value)} pairs; KMS takes {MAX_CONTEXT_PAIRS}", "remove some")
    for name, text in value.items():
        if len(text) > MAX_CONTEXT_VALUE:
            raise Fault(f"has a value for `{name}` of more than {MAX_CONTEXT_VALUE} characters", "shorten it")
    return value


_Principal = Annotated[str, AfterValidator(PINNED_PRINCIPAL.check)]
_Context = Annotated[dict[str, str], Field(min_length=1), AfterValidator(_context)]


class GrantConstraints(DeclaredModel):
    """The encryption context that a request must come with: one of the two, never both."""

    encryption_context_equals: _Context | None = None
    """The whole encryption context."""
    encryption_context_subset: _Context | None = None
    """Pairs that the encryption context must have among others."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        given = [item for item in (self.encryption_context_equals, self.encryption_context_subset) if item is not None]
        if len(given) != 1:
            raise Fault(
                "holds both constraints" if given else "holds no constraint",
                "write `encryption_context_equals` or `encryption_context_subset`",
            )
        return self


class Grant(DeclaredModel):
    """One grant. Its name is its identity: AWS has none for grants that lasts, and changes none in place."""

    name: Annotated[str, AfterValidator(GRANT_NAME.check)]
    """By what it is found again; no two grants of a key may share one."""
    grantee_principal: _Principal
    """Who is granted the operations: the ARN of a role, a user or an account's root."""
    operations: Annotated[
        tuple[Annotated[str, AfterValidator(_operation)], ...],
        Field(strict=False, min_length=1),
        AfterValidator(_operations),
    ]
    """What the grantee may do, for example `Decrypt`; must be operations of the key's usage."""
    constraints: GrantConstraints | None = None
    """The encryption context that requests must come with; for symmetric encryption keys only."""
    retiring_principal: _Principal | None = None
    """Who may retire the grant."""


def _names_differ(value: tuple[Grant, ...]) -> tuple[Grant, ...]:
    seen: set[str] = set()
    for grant in value:
        if grant.name in seen:
            raise Fault(f"names two grants `{grant.name}`", "give each a name of its own")
        seen.add(grant.name)
    return value


Grants = Annotated[
    tuple[Annotated[Grant, BeforeValidator(without_nulls)], ...], Field(strict=False), AfterValidator(_names_differ)
]
