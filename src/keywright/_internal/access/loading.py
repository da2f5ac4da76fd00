"""From the file of a snapshot to what can be asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from keywright._internal.access.snapshot import AccessSnapshot, KeyProperties, SnapshotKey, parsed_text
from keywright._internal.estate.iam_file import ABOUT_KMS, read_iam
from keywright._internal.proof.evaluation.grants import Grant
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator

    from keywright._internal.aws import Grant as ListedGrant
    from keywright._internal.aws import KeyMetadata
    from keywright._internal.estate.estate_reading import EstateReading
    from keywright._internal.estate.iam import IamSnapshot
    from keywright._internal.estate.snapshot import ScannedKey

Missing = dict[str, str | None]
"""Something that isn't known, as documents show it."""

UNREAD_IAM: Final = "the account's roles and users were not read"
_ORGANIZATION: Final = "service control policies and resource control policies were not read"


def load(estate: EstateReading, key: str | None = None, *, about: int = ABOUT_KMS) -> AccessSnapshot:
    """A snapshot to be asked about one key, by its ARN, id or alias; about all keys where none is named.

    Raises:
        InputError: the snapshot has no such key, or more than one.
    """
    scanned = [_one(estate, key)] if key is not None else list(estate.keys())
    iam = read_iam(estate, about=about)
    keys = []
    not_read = unread_by_scan(estate, None if key is None else {scanned[0].arn})
    for item in scanned:
        made, problems = snapshot_key(item)
        keys.append(made)
        not_read += problems
    not_read += unread_identities(iam, {item.location.account for item in scanned})
    return AccessSnapshot(keys, iam, not_read)


def unread_by_scan(estate: EstateReading, keys: Container[str] | None) -> list[Missing]:
    """What the scan couldn't read, as far as it matters for these keys; None: for all."""
    return [item.as_document() for item in estate.not_read() if keys is None or not item.key or item.key in keys]


def unread_identities(iam: IamSnapshot, accounts: Collection[str]) -> list[Missing]:
    """What isn't known of the organization, and of the principals of the keys' accounts."""
    not_read = [
        _missing(account, "GetAccountAuthorizationDetails", UNREAD_IAM)
        for account in sorted(set(accounts) - iam.accounts)
    ]
    if not iam.organization_read:
        not_read.append(_missing(None, "DescribeOrganization", _ORGANIZATION))
    not_read += [
        _missing(item.account, "GetPolicyVersion", f"{item.arn}: {item.missing}")
        for item in iam.principals
        if item.missing
    ]
    return not_read


def snapshot_key(item: ScannedKey) -> tuple[SnapshotKey, list[Missing]]:
    """A key as it can be asked about, and what of it isn't known."""
    problems: list[Missing] = []

    def problem(operation: str, reason: str) -> None:
        problems.append(_missing(item.location.account, operation, reason, item.location.region, item.arn))

    policy = item.policy
    if policy is not None:
        try:
            parsed_text(policy, "resource")
        except InputError as error:
            problem("GetKeyPolicy", error.message)
            policy = None
    grants: tuple[Grant, ...] | None = None
    if "ListGrants" not in item.missing:
        try:
            grants = tuple(map(_grant, item.grants))
        except InputError as error:
            problem("ListGrants", error.message)
    metadata = item.metadata
    facts = KeyProperties(
        tags=None if "ListResourceTags" in item.missing else item.tags,
        aliases=item.aliases,
        spec=metadata.spec if metadata else None,
        usage=metadata.usage if metadata else None,
        origin=metadata.origin if metadata else None,
        multi_region=metadata.multi_region if metadata else None,
        multi_region_type=metadata.multi_region_type if metadata else None,
        state=metadata.state if metadata else None,
        related=_related(metadata) if metadata else (),
    )
    return SnapshotKey(item.arn, policy, grants, facts, tuple(item.grants)), problems


def _related(metadata: KeyMetadata) -> tuple[str, ...]:
    family = {metadata.primary_arn, *metadata.replica_arns} - {metadata.arn, None}
    return tuple(sorted(arn for arn in family if arn is not None))


def _grant(listed: ListedGrant) -> Grant:
    document: dict[str, Any] = {
        "GrantId": listed.grant_id,
        _principal("Grantee", listed.grantee): listed.grantee,
        "Operations": list(listed.operations),
        "Constraints": {
            name: dict(value) if hasattr(value, "items") else value for name, value in listed.constraints.items()
        },
    }
    if listed.retiring:
        document[_principal("Retiring", listed.retiring)] = listed.retiring
    if listed.issuing_account:
        document["IssuingAccount"] = listed.issuing_account
    return Grant.from_document(document)


def _principal(role: str, name: str) -> str:
    return f"{role}ServicePrincipal" if name.endswith((".amazonaws.com", ".amazonaws.com.cn")) else f"{role}Principal"


def _one(estate: EstateReading, named: str) -> ScannedKey:
    if ":key/" in named:
        found = estate.key(named)
        if found is not None:
            return found
    matching = list(_matching(estate, named))
    if len(matching) == 1:
        return matching[0]
    if not matching:
        raise InputError(f"the snapshot has no key `{named}`", "give the ARN, the id or an alias of a key in it")
    arns = ", ".join(item.arn for item in matching)
    raise InputError(f"`{named}` names several keys of the snapshot", f"give one of their ARNs: {arns}")


def keys_that_fit(estate: EstateReading, pattern: str) -> list[str]:
    """The ARNs of the keys of which the ARN, the id or an alias fits a pattern with `*`, by ARN.

    Raises:
        InputError: there are none.
    """
    fits = re.compile(".*".join(map(re.escape, pattern.split("*"))))
    found = [item.arn for item in estate.keys() if any(map(fits.fullmatch, _names(item)))]  # noqa: SIM118 - a file
    if not found:
        raise InputError(f"the snapshot has no key that fits `{pattern}`", "`keywright report FILE` shows its keys")
    return found


def _names(item: ScannedKey) -> Iterator[str]:
    """All names by which a person may mean a key."""
    place = item.arn.partition(":key/")[0]
    yield from (item.arn, item.arn.rpartition("/")[2])
    for alias in item.aliases:
        yield from (alias, alias.removeprefix("alias/"), f"{place}:{alias}")


def _matching(estate: EstateReading, named: str) -> Iterator[ScannedKey]:
    alias = named.rpartition(":")[2]
    names: Iterable[str] = {alias, f"alias/{alias}"}
    for item in estate.keys():  # noqa: SIM118 - a file, not a mapping
        same_place = not named.startswith("arn:") or named.startswith(item.arn.partition(":key/")[0])
        if item.location.key_id == named or (same_place and any(name in item.aliases for name in names)):
            yield item


def _missing(
    account: str | None, operation: str, reason: str, region: str | None = None, key: str | None = None
) -> Missing:
    return {"account": account, "region": region, "key": key, "operation": operation, "reason": reason}
