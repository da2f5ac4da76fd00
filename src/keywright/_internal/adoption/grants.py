"""The grants of a key as a keys file declares them, and which it can't declare."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from keywright._internal.counting import counted
from keywright._internal.facts.offerings import grant_operations_of
from keywright._internal.lifecycle.grants import same_grant
from keywright._internal.lifecycle.target import LONGEST_TAG
from keywright._internal.model.arn import Arn
from keywright._internal.model.grant import Grant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright._internal.aws import Grant as LiveGrant
    from keywright._internal.aws import KeyMetadata
    from keywright._internal.estate.snapshot import ScannedKey

_NAMED_IN_A_NOTE: Final = 3
_CONSTRAINTS: Final = {
    "EncryptionContextEquals": "encryption_context_equals",
    "EncryptionContextSubset": "encryption_context_subset",
}


def grant_fields(key: ScannedKey) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The grants that a keys file declares just as they are, and a note on those that it can't.

    Args:
        key: a key whose metadata were read.

    Returns:
        The field `grants`, and a note for each reason why others are left out.
    """
    if "ListGrants" in key.missing:
        return {}, ("its grants could not be read: none is declared",)
    if key.metadata is None:
        raise ValueError(f"{key.arn} was not read")
    names = Counter(grant.name for grant in key.grants)
    declared: dict[str, dict[str, Any]] = {}
    left: dict[str, list[LiveGrant]] = {}
    for grant in sorted(key.grants, key=lambda item: (item.name, item.grant_id)):
        fields = _fields(grant)
        reason = _obstacle(grant, fields, names, key.metadata)
        if reason is None and len(" ".join((*declared, grant.name))) > LONGEST_TAG:
            reason = f"the tag that keeps the names of a key's grants takes {LONGEST_TAG} characters"
        if reason is None:
            declared[grant.name] = fields
        else:
            left.setdefault(reason, []).append(grant)
    return {"grants": list(declared.values())} if declared else {}, tuple(_notes(left))


def _fields(grant: LiveGrant) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "name": grant.name,
        "grantee_principal": grant.grantee,
        "operations": sorted(grant.operations),
    }
    if grant.retiring is not None:
        fields["retiring_principal"] = grant.retiring
    if grant.constraints:
        fields["constraints"] = {_CONSTRAINTS.get(name, name): value for name, value in grant.constraints.items()}
    return fields


def _obstacle(
    grant: LiveGrant, fields: Mapping[str, Any], names: Mapping[str, int], metadata: KeyMetadata
) -> str | None:
    """Why a keys file can't declare a grant as it is, if it can't."""
    if not grant.name:
        return "a grant is known by its name, and has none"
    if names[grant.name] > 1:
        return "another grant of the key has the same name"
    try:
        declared = Grant.model_validate(fields)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"][:1]))
        return f"a keys file doesn't take its `{where}`"
    arns = [arn for arn in (declared.grantee_principal, declared.retiring_principal) if arn is not None]
    partition = Arn.parse(metadata.arn).partition
    if any(Arn.parse(arn).partition != partition for arn in arns):
        return "it names a principal of another partition"
    fitting = set(declared.operations) <= set(grant_operations_of(metadata.usage, metadata.spec))
    if not fitting or (declared.constraints is not None and metadata.spec != "SYMMETRIC_DEFAULT"):
        return "it doesn't fit a key of this kind"
    return None if same_grant(declared, grant) else "a keys file can't say all of it"


def _notes(left: Mapping[str, list[LiveGrant]]) -> Iterator[str]:
    for reason, grants in left.items():
        named = [grant.name or grant.grant_id for grant in grants[:_NAMED_IN_A_NOTE]]
        more = ", …" if len(grants) > len(named) else ""
        are = "stays as it is" if len(grants) == 1 else "stay as they are"
        yield f"{counted(len(grants), 'grant')} not declared, which {are} ({', '.join(named)}{more}): {reason}"
