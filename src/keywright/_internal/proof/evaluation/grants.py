"""Grants: permissions beside the policies, for one grantee on one key (section 8 of the semantics).

See https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keywright._internal.facts.offerings import grant_operations
from keywright._internal.policy.document import Principal
from keywright._internal.proof.evaluation.matching import Level, matches_principal
from keywright._internal.proof.evaluation.request import encryption_context_of
from keywright.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from keywright._internal.proof.evaluation.request import Request

_WITHOUT_CONTEXT = frozenset({"DescribeKey", "RetireGrant"})
"""Operations for which a grant's encryption context constraints don't count."""

_FIELDS = frozenset(
    {
        "GranteePrincipal",
        "GranteeServicePrincipal",
        "RetiringPrincipal",
        "RetiringServicePrincipal",
        "IssuingAccount",
        "Operations",
        "Constraints",
        "GrantId",
        "Name",
        "KeyId",
        "CreationDate",
    }
)
_CONSTRAINTS = frozenset({"EncryptionContextEquals", "EncryptionContextSubset", "SourceArn"})


@dataclass(frozen=True, slots=True)
class Grant:
    """An active grant on the request's key."""

    grantee: Principal
    operations: frozenset[str]
    """Names as KMS lists them, without `kms:`."""
    retiring: Principal | None = None
    issuing_account: str | None = None
    """The account, or its root ARN, that made the grant."""
    context_equals: Mapping[str, str] | None = None
    context_subset: Mapping[str, str] | None = None
    source_arn: str | None = None
    name: str = field(default="grant")

    @classmethod
    def from_document(cls, document: object) -> Grant:
        """Read a grant in the shape of KMS's ListGrants.

        Raises:
            InputError: with all problems, for what isn't understood to the letter.
        """
        return _read(document)


def granted(grant: Grant, request: Request, context: Mapping[str, Sequence[str]]) -> Level | None:
    """By which form of its grantee a grant covers the request, or None."""
    level = _matches(grant.grantee, request)
    operation = request.action.removeprefix("kms:")
    if level is None or operation not in grant.operations:
        return None
    if operation not in _WITHOUT_CONTEXT and not _context_allows(grant, request, context):
        return None
    if grant.source_arn is not None and context.get("aws:sourcearn") != (grant.source_arn,):
        return None
    if operation == "CreateGrant" and not _passes_on_less(grant, context):
        return None
    return level


def may_retire(grant: Grant, request: Request, context: Mapping[str, Sequence[str]]) -> Level | None:
    """By which form the caller may retire the grant: retiring principal, grantee with that right, or its account.

    The account's principals still need an identity policy, as for every delegation.
    """
    if grant.retiring is not None and (level := _matches(grant.retiring, request)) is not None:
        return level
    if (level := granted(grant, request, context)) is not None:
        return level
    if grant.issuing_account is None:
        return None
    return _matches(Principal("AWS", grant.issuing_account), request)


def _matches(principal: Principal, request: Request) -> Level | None:
    return matches_principal(principal, request.caller, request.key.partition if request.key else None)


def _context_allows(grant: Grant, request: Request, context: Mapping[str, Sequence[str]]) -> bool:
    """Constraints compare names and values by case; for CreateGrant they are those of the new grant."""
    pairs = encryption_context_of(request)
    kind = context.get("kms:grantconstrainttype", ())
    if grant.context_equals is not None and (
        pairs != grant.context_equals or (request.action == "kms:CreateGrant" and "EncryptionContextEquals" not in kind)
    ):
        return False
    return grant.context_subset is None or grant.context_subset.items() <= pairs.items()


def _passes_on_less(grant: Grant, context: Mapping[str, Sequence[str]]) -> bool:
    """A right to make grants that comes from a grant makes only grants with some of its operations."""
    operations = context.get("kms:grantoperations", ())
    return bool(operations) and grant.operations.issuperset(operations)


def _read(document: object) -> Grant:
    if not isinstance(document, dict):
        raise InputError("a grant is a JSON object", "give it as KMS's ListGrants shows it")
    problems = [Problem((name,), f"`{name}` is no part of a grant", "remove it") for name in document.keys() - _FIELDS]
    problems += [
        Problem((name,), f"`{name}` is a string", value=document[name])
        for name in sorted(_FIELDS - {"Operations", "Constraints", "CreationDate"})
        if name in document and not isinstance(document[name], str)
    ]
    grantee = _principal(document, "GranteePrincipal", "GranteeServicePrincipal", problems)
    if grantee is None:
        problems.append(Problem((), "a grant has a `GranteePrincipal` or a `GranteeServicePrincipal`", "add it"))
    operations = document.get("Operations")
    known = grant_operations()
    if not isinstance(operations, list) or not all(isinstance(name, str) and name in known for name in operations):
        message = "`Operations` lists grant operations, such as `Decrypt`"
        problems.append(Problem(("Operations",), message, value=operations))
        operations = []
    constraints = document.get("Constraints", {})
    if not isinstance(constraints, dict) or constraints.keys() - _CONSTRAINTS:
        problems.append(Problem(("Constraints",), f"`Constraints` may hold {', '.join(sorted(_CONSTRAINTS))}"))
        constraints = {}
    source_arn = constraints.get("SourceArn")
    if not isinstance(source_arn, str | None):
        problems.append(Problem(("Constraints", "SourceArn"), "`SourceArn` is a string", value=source_arn))
    equals = _pairs(constraints, "EncryptionContextEquals", problems)
    subset = _pairs(constraints, "EncryptionContextSubset", problems)
    retiring = _principal(document, "RetiringPrincipal", "RetiringServicePrincipal", problems)
    if problems or grantee is None:
        text = "; ".join(problem.message for problem in problems)
        raise InputError(f"a grant isn't understood: {text}", problems[0].remedy, tuple(problems))
    return Grant(
        grantee=grantee,
        operations=frozenset(operations),
        retiring=retiring,
        issuing_account=document.get("IssuingAccount"),
        context_equals=equals,
        context_subset=subset,
        source_arn=source_arn,
        name=document.get("GrantId") or document.get("Name") or "grant",
    )


def _principal(
    document: Mapping[str, object], identity: str, service: str, problems: list[Problem]
) -> Principal | None:
    if identity in document and service in document:
        problems.append(Problem((service,), f"a grant can't have both `{identity}` and `{service}`", "keep one"))
    if isinstance(name := document.get(identity), str):
        return Principal("AWS", name)
    return Principal("Service", name) if isinstance(name := document.get(service), str) else None


def _pairs(constraints: Mapping[str, object], name: str, problems: list[Problem]) -> Mapping[str, str] | None:
    pairs = constraints.get(name)
    if pairs is None:
        return None
    if isinstance(pairs, dict) and all(isinstance(value, str) for value in pairs.values()):
        return pairs
    problems.append(Problem(("Constraints", name), f"`{name}` is an object of strings", value=pairs))
    return None
