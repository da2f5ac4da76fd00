"""The grants that a key declares, as the statements of a policy that would allow the same.

So claims count them as they count the policy: a grant allows beside it, and a Deny of the policy counts against both.
What a statement says here is what `proof/evaluation/grants.py` decides of a grant; the tests hold one to the other.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from keywright._internal.policy.document import Condition, Principal, Statement
from keywright._internal.proof.evaluation.grants import Grant as ActiveGrant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from keywright._internal.model.grant import Grant

_CONTEXT: Final = "kms:EncryptionContext:"
_WITHOUT_CONTEXT: Final = frozenset({"DescribeKey", "RetireGrant"})
"""Operations for which a grant's encryption context constraints don't count."""


def grant_statements(grants: Iterable[Grant]) -> tuple[Statement, ...]:
    """The statements, each with the grant's name in its Sid."""
    return tuple(item for grant in grants for item in _statements(grant))


def active_grants(grants: Iterable[Grant]) -> tuple[ActiveGrant, ...]:
    """The same as the evaluator takes them."""
    return tuple(
        ActiveGrant(
            grantee=Principal("AWS", grant.grantee_principal),
            operations=frozenset(grant.operations),
            retiring=Principal("AWS", grant.retiring_principal) if grant.retiring_principal else None,
            context_equals=grant.constraints.encryption_context_equals if grant.constraints else None,
            context_subset=grant.constraints.encryption_context_subset if grant.constraints else None,
            name=f"the declared grant `{grant.name}`",
        )
        for grant in grants
    )


def _statements(grant: Grant) -> Iterator[Statement]:
    operations = frozenset(grant.operations)
    context = tuple(_context_conditions(grant))
    groups = (
        (operations & _WITHOUT_CONTEXT, ()),
        (operations - _WITHOUT_CONTEXT - {"CreateGrant"}, context),
        (operations & {"CreateGrant"}, (*context, *_of_new_grants(grant))),
    )
    for names, conditions in groups:
        if names:
            yield Statement(
                "Allow",
                principals=(Principal("AWS", grant.grantee_principal),),
                actions=tuple(f"kms:{name}" for name in sorted(names)),
                conditions=conditions,
                sid=f"grant {grant.name}",
            )


def _context_conditions(grant: Grant) -> Iterator[Condition]:
    constraints = grant.constraints
    if constraints is None:
        return
    pairs = constraints.encryption_context_equals or constraints.encryption_context_subset or {}
    for name, value in pairs.items():
        yield Condition("StringEquals", f"{_CONTEXT}{name}", (value,))
    if constraints.encryption_context_equals is not None:
        yield Condition("ForAllValues:StringEquals", "kms:EncryptionContextKeys", tuple(pairs))


def _of_new_grants(grant: Grant) -> Iterator[Condition]:
    """A right to make grants that comes from a grant makes only grants with some of its operations."""
    yield Condition("ForAllValues:StringEquals", "kms:GrantOperations", tuple(sorted(grant.operations)))
    yield Condition("Null", "kms:GrantOperations", ("false",))
    if grant.constraints is not None and grant.constraints.encryption_context_equals is not None:
        yield Condition("StringEquals", "kms:GrantConstraintType", ("EncryptionContextEquals",))
