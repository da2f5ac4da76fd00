"""One key and its replicas as the fields of a keys file, or why they can't be that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from keywright._internal.adoption.grants import grant_fields
from keywright._internal.adoption.policy_fields import policy_fields, readable
from keywright._internal.counting import counted
from keywright._internal.facts.offerings import why_not_offered
from keywright._internal.lifecycle.policy_normalization import canonical_statements
from keywright._internal.lifecycle.target import DUPLICATE_TAG, KEY_TAG, RETIRED_TAG, STACK_TAG
from keywright._internal.model.values import MAX_TAGS
from keywright._internal.policy.parsing import parse_policy
from keywright.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from keywright._internal.aws import KeyMetadata
    from keywright._internal.estate.snapshot import ScannedKey

IDENTITY: Final = (STACK_TAG, KEY_TAG)
_DEFAULT_PERIOD: Final = 365
_WORKING: Final = frozenset({"Enabled", "Disabled"})
HowPolicy = Literal["fields", "kept"]


@dataclass(frozen=True, slots=True)
class Family:
    """A key with the replicas of it that were read; a single-Region key has none."""

    key: ScannedKey
    replicas: Mapping[str, ScannedKey] = field(default_factory=dict)
    """By Region."""


@dataclass(frozen=True, slots=True)
class Written:
    """A key's fields, what became of its policy, and what a reader should know."""

    fields: dict[str, Any]
    policy: HowPolicy
    replicas: tuple[str, ...] = ()
    """The Regions whose replicas are part of the key."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a key is not adopted, and what to do."""

    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.reason} ({self.remedy})" if self.remedy else self.reason


def refusal(key: ScannedKey, stack: str) -> Refusal | None:
    """Why a key can't be adopted, if it can't, before its policy is looked at."""
    metadata = key.metadata
    if key.missing - {"GetKeyLastUsage", "ListGrants"} or metadata is None or key.policy is None:
        failed = ", ".join(sorted(key.missing)) or "DescribeKey"
        return Refusal(
            f"it could not be read: {failed} failed", "allow the calls that `keywright permissions adopt` lists"
        )
    return next(
        (
            found
            for found in (_of_state(metadata), _of_kind(metadata), _of_identity(key, stack), _of_tags(key))
            if found is not None
        ),
        None,
    )


def _of_state(metadata: KeyMetadata) -> Refusal | None:
    if metadata.state.startswith("Pending") and metadata.state != "PendingImport":
        until = f" until {metadata.deletion_date:%Y-%m-%d}" if metadata.deletion_date else ""
        return Refusal(f"it is pending deletion{until}", "cancel the deletion first, if the key is needed")
    if metadata.state not in _WORKING and metadata.origin == "AWS_KMS":
        return Refusal(f"it is {metadata.state}", "adopt it again once it is Enabled or Disabled")
    return None


def _of_kind(metadata: KeyMetadata) -> Refusal | None:
    if metadata.custom_key_store_id is not None or metadata.origin in {"AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"}:
        store = metadata.custom_key_store_id or metadata.origin
        return Refusal(f"its material is in the custom key store {store}, which a keys file doesn't declare")
    if metadata.origin != "AWS_KMS":
        return Refusal("its material is imported, which a keys file doesn't declare")
    reason = why_not_offered(metadata.spec)
    return Refusal(f"its spec {metadata.spec} {reason}") if reason else None


def _of_identity(key: ScannedKey, stack: str) -> Refusal | None:
    owner = key.tags.get(STACK_TAG)
    if RETIRED_TAG in key.tags or DUPLICATE_TAG in key.tags:
        return Refusal("Keywright itself put it aside: another key took its place")
    if owner is not None and owner != stack:
        return Refusal(
            f"it belongs to the stack `{owner}`", f"release it there first: keywright adopt --release --stack {owner}"
        )
    return None


def _of_tags(key: ScannedKey) -> Refusal | None:
    own = [name for name in key.tags if not name.startswith("aws:")]
    room = MAX_TAGS - len({*own, *IDENTITY})
    if room < 0:
        return Refusal(
            f"it has {len(own)} tags, and KMS takes {MAX_TAGS}: there is no room for the two of its identity",
            "remove two tags that nobody needs",
        )
    return None


def write_key(family: Family, *, role_arn: str | None) -> Written | Refusal:
    """A key's fields, so that its plan is empty.

    Args:
        family: the key and its replicas.
        role_arn: the role that reaches its account; None where the caller's own credentials do.
    """
    key, metadata = family.key, family.key.metadata
    if metadata is None or key.policy is None:
        return Refusal("it could not be read")
    fields: dict[str, Any] = {"description": metadata.description}
    if key.aliases:
        fields["aliases"] = list(key.aliases)
    if metadata.spec != "SYMMETRIC_DEFAULT":
        fields |= {"customer_master_key_spec": metadata.spec, "key_usage": metadata.usage}
    fields |= _rotation(key)
    if metadata.state == "Disabled":
        fields["is_enabled"] = False
    if metadata.multi_region:
        fields["multi_region"] = True
    try:
        document = parse_policy(key.policy).document
    except InputError as error:
        what = "; ".join(item.message for item in error.problems) or error.message
        return Refusal(f"its policy can't be read: {what}", "put a policy that KMS takes first")
    generated = policy_fields(document, fields, key.location)
    fields |= {"policy": readable(key.policy)} if generated is None else generated
    replicas = dict(_replicas(family, key.policy))
    written = {region: item for region, item in replicas.items() if not isinstance(item, str)}
    if written:
        fields["replica_regions"] = written
    tags = {name: value for name, value in sorted(key.tags.items()) if _is_written(name)}
    if tags:
        fields["tags"] = tags
    grants, of_grants = grant_fields(key)
    fields |= grants
    fields |= {"region": key.location.region, "account": key.location.account}
    if role_arn is not None:
        fields["assume_role_arn"] = role_arn
    return Written(
        fields,
        "kept" if generated is None else "fields",
        tuple(sorted(written)),
        (*_of_replicas(family, replicas), *of_grants),
    )


def _of_replicas(family: Family, replicas: Mapping[str, dict[str, Any] | str]) -> Iterator[str]:
    """What a reader should know about a key's replicas."""
    for region, item in replicas.items():
        grants = family.replicas[region].grants
        if isinstance(item, str):
            yield f"its replica in {region} is left out: {item}"
        elif grants:
            yield f"its replica in {region} has {counted(len(grants), 'grant')}, which a keys file doesn't declare"


def _rotation(key: ScannedKey) -> dict[str, Any]:
    if key.rotation is None:
        return {}
    if not key.rotation.enabled:
        return {"enable_key_rotation": False}
    period = key.rotation.period_in_days
    return {} if period in {None, _DEFAULT_PERIOD} else {"rotation_period_in_days": period}


def _is_written(name: str) -> bool:
    """Whether a tag is for people: AWS's own and those of the identity aren't."""
    return not name.startswith("aws:") and name not in IDENTITY


def _replicas(family: Family, policy: str) -> Iterator[tuple[str, dict[str, Any] | str]]:
    """What differs in each replica; a text says why one can't be part of the key."""
    primary = family.key
    described = primary.metadata.description if primary.metadata else ""
    plain = {name: value for name, value in primary.tags.items() if _is_written(name)}
    for region, replica in sorted(family.replicas.items()):
        metadata = replica.metadata
        tags = {name: value for name, value in replica.tags.items() if _is_written(name)}
        if metadata is None or replica.policy is None or "ListResourceTags" in replica.missing:
            yield region, "it could not be read"
        elif metadata.state not in _WORKING:
            yield region, f"it is {metadata.state}"
        elif tags != plain:
            yield region, "it has other tags than its primary, and a keys file declares them once"
        else:
            own: dict[str, Any] = {}
            if metadata.description != described:
                own["description"] = metadata.description
            if metadata.state == "Disabled":
                own["enabled"] = False
            if canonical_statements(replica.policy) != canonical_statements(policy):
                own["policy"] = readable(replica.policy)
            yield region, own
