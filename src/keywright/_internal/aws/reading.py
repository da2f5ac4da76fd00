"""Reading keys of one account and Region: in bulk where AWS has a bulk call, else one key at a time."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from keywright._internal.aws.errors import AwsRefused, Unsupported
from keywright._internal.aws.results import (
    AliasEntry,
    Grant,
    KeyMetadata,
    LastUsage,
    RotationStatus,
    TaggedKey,
)
from keywright._internal.model.key_location import KeyLocation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from types_boto3_kms import KMSClient
    from types_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient
    from types_boto3_resourcegroupstaggingapi.type_defs import GetResourcesInputTypeDef

    from keywright._internal.aws.calling import Channel

T = TypeVar("T")

_KEYS_PER_PAGE = 1000
_ALIASES_PER_PAGE = 100
_GRANTS_PER_PAGE = 100
_TAGGED_PER_PAGE = 100
_RESTARTS = 3


class KeyReading:
    """The reading half of `aws.KeyService`.

    Args:
        channel: sends the calls.
        kms: gets the KMS client.
        tagging: gets the Resource Groups Tagging API's client.
    """

    def __init__(
        self,
        channel: Channel,
        kms: Callable[[], KMSClient],
        tagging: Callable[[], ResourceGroupsTaggingAPIClient],
    ) -> None:
        self._channel = channel
        self._kms = kms
        self._tagging = tagging

    @property
    def region(self) -> str:
        """The Region that this service's keys are in."""
        return self._channel.region

    def tagged_keys(
        self, tags: Mapping[str, str] | None = None, seen: Callable[[Sequence[TaggedKey]], None] = lambda _: None
    ) -> tuple[TaggedKey, ...]:
        """The keys that carry all of these tags with these values, or every tagged key.

        The tagging API's index lags behind KMS, and whether it lists keys pending deletion isn't documented:
        a key that isn't here may still exist.

        Args:
            tags: the tags.
            seen: told of each page as it comes; a page may repeat what an earlier one had.

        https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
        """
        for _ in range(_RESTARTS):
            try:
                return self._tagged_keys(tags or {}, seen)
            except AwsRefused as error:
                if error.code != "PaginationTokenExpiredException":
                    raise
                expired = error
        raise expired

    def _tagged_keys(
        self, tags: Mapping[str, str], seen: Callable[[Sequence[TaggedKey]], None]
    ) -> tuple[TaggedKey, ...]:
        client = self._tagging()
        request: GetResourcesInputTypeDef = {
            "ResourceTypeFilters": ["kms:key"],
            "ResourcesPerPage": _TAGGED_PER_PAGE,
        }
        if tags:
            request["TagFilters"] = [{"Key": name, "Values": [value]} for name, value in tags.items()]
        found: dict[str, TaggedKey] = {}
        while True:
            page, token = self._channel.call(
                client,
                "GetResources",
                lambda: client.get_resources(**request),
                lambda answer: (
                    [_tagged_key(entry) for entry in answer["ResourceTagMappingList"]],
                    str(answer.get("PaginationToken") or ""),
                ),
            )
            seen(page)
            found.update((key.arn, key) for key in page)
            if not token:
                return tuple(found.values())
            request["PaginationToken"] = token

    def key_arns(self) -> tuple[str, ...]:
        """The ARNs of all keys of the account in this Region, AWS's own and those pending deletion too."""
        client = self._kms()

        def page(marker: Mapping[str, Any]) -> Any:
            return client.list_keys(Limit=_KEYS_PER_PAGE, **marker)

        return self._pages("ListKeys", page, lambda answer: [str(key["KeyArn"]) for key in answer["Keys"]])

    def aliases(self) -> tuple[AliasEntry, ...]:
        """All aliases of the account in this Region, in one listing however many keys there are."""
        client = self._kms()

        def page(marker: Mapping[str, Any]) -> Any:
            return client.list_aliases(Limit=_ALIASES_PER_PAGE, **marker)

        return self._pages(
            "ListAliases",
            page,
            lambda answer: [
                AliasEntry(alias["AliasName"], alias["AliasArn"], alias.get("TargetKeyId"))
                for alias in answer["Aliases"]
            ],
        )

    def describe(self, key: str) -> KeyMetadata:
        """A key's metadata. The key may be an ID, an ARN, or an alias's name or ARN.

        Raises:
            NotFound: if there is no such key, or it isn't visible yet.
        """
        return self._call(
            "DescribeKey",
            lambda kms: kms.describe_key(KeyId=key),
            lambda answer: key_metadata(answer["KeyMetadata"]),
            key=key,
        )

    def policy(self, key: str) -> str:
        """The text of a key's policy, as KMS returns it: order and principals may differ from what was put."""
        return self._call(
            "GetKeyPolicy",
            lambda kms: kms.get_key_policy(KeyId=key, PolicyName="default"),
            lambda answer: str(answer["Policy"]),
            key=key,
        )

    def tags(self, key: str) -> dict[str, str]:
        """A key's tags as KMS itself has them (one call: a key has at most 50)."""
        return self._call(
            "ListResourceTags",
            lambda kms: kms.list_resource_tags(KeyId=key),
            lambda answer: {tag["TagKey"]: tag["TagValue"] for tag in answer["Tags"]},
            key=key,
        )

    def rotation(self, key: str) -> RotationStatus:
        """Whether KMS rotates the key. Ask only for symmetric keys of AWS_KMS origin.

        Raises:
            Unsupported: for a key in a custom key store or of imported material.
        """
        return self._call(
            "GetKeyRotationStatus",
            lambda kms: kms.get_key_rotation_status(KeyId=key),
            lambda answer: (
                RotationStatus(True, answer.get("RotationPeriodInDays"))
                if answer["KeyRotationEnabled"]
                else RotationStatus(False, None)
            ),
            key=key,
        )

    def last_usage(self, key: str) -> LastUsage | None:
        """The key's last cryptographic use in this Region; None where the endpoint doesn't tell."""
        client = self._kms()
        if not hasattr(client, "get_key_last_usage"):
            return None
        try:
            return self._channel.call(
                client,
                "GetKeyLastUsage",
                lambda: client.get_key_last_usage(KeyId=key),
                _last_usage,
                key=key,
            )
        except Unsupported:
            return None

    def grants(self, key: str) -> tuple[Grant, ...]:
        """All grants on a key."""
        client = self._kms()

        def page(marker: Mapping[str, Any]) -> Any:
            return client.list_grants(KeyId=key, Limit=_GRANTS_PER_PAGE, **marker)

        return self._pages(
            "ListGrants", page, lambda answer: [listed_grant(entry) for entry in answer["Grants"]], key=key
        )

    def _call(
        self,
        operation: str,
        send: Callable[[KMSClient], Any],
        read: Callable[[Any], T],
        *,
        key: str = "",
        repeatable: bool = True,
        replica_region: str | None = None,
    ) -> T:
        """One call to KMS; see `Channel.call`."""
        client = self._kms()
        return self._channel.call(
            client,
            operation,
            lambda: send(client),
            read,
            key=key,
            repeatable=repeatable,
            replica_region=replica_region,
        )

    def _pages(
        self,
        operation: str,
        page: Callable[[Mapping[str, Any]], Any],
        read: Callable[[Any], Iterable[T]],
        key: str = "",
    ) -> tuple[T, ...]:
        """All pages of one of KMS's listings."""
        client = self._kms()
        items: list[T] = []
        marker: dict[str, Any] = {}
        while True:
            more, following = self._channel.call(
                client,
                operation,
                partial(page, marker),
                lambda answer: (list(read(answer)), answer["NextMarker"] if answer.get("Truncated") else None),
                key=key,
            )
            items.extend(more)
            if following is None:
                return tuple(items)
            marker = {"Marker": following}


def key_metadata(answer: Mapping[str, Any]) -> KeyMetadata:
    """A KeyMetadata of the API as ours.

    Raises:
        KeyError: if the answer lacks what every key has.
    """
    arn: str = answer["Arn"]
    location = KeyLocation.of_arn(arn)
    family = answer.get("MultiRegionConfiguration") or {}
    return KeyMetadata(
        key_id=answer["KeyId"],
        arn=arn,
        account=location.account,
        region=location.region,
        state=answer["KeyState"],
        enabled=answer["Enabled"],
        spec=answer["KeySpec"],
        usage=answer.get("KeyUsage") or "ENCRYPT_DECRYPT",  # CreateKey's default, which not every endpoint fills in
        origin=answer["Origin"],
        description=answer.get("Description", ""),
        multi_region=bool(answer.get("MultiRegion", False)),
        multi_region_type=family.get("MultiRegionKeyType"),
        primary_arn=(family.get("PrimaryKey") or {}).get("Arn"),
        replica_arns=tuple(sorted(replica["Arn"] for replica in family.get("ReplicaKeys") or ())),
        creation_date=answer.get("CreationDate"),
        deletion_date=answer.get("DeletionDate"),
        pending_deletion_window_in_days=answer.get("PendingDeletionWindowInDays"),
        manager=answer.get("KeyManager", "CUSTOMER"),
        signing_algorithms=tuple(answer.get("SigningAlgorithms") or ()),
        encryption_algorithms=tuple(answer.get("EncryptionAlgorithms") or ()),
        mac_algorithms=tuple(answer.get("MacAlgorithms") or ()),
        key_agreement_algorithms=tuple(answer.get("KeyAgreementAlgorithms") or ()),
        custom_key_store_id=answer.get("CustomKeyStoreId"),
        material_expires=answer.get("ValidTo"),
    )


def _tagged_key(entry: Mapping[str, Any]) -> TaggedKey:
    arn: str = entry["ResourceARN"]
    tags = {tag["Key"]: tag["Value"] for tag in entry.get("Tags", ())}
    return TaggedKey(arn, arn.partition(":key/")[2], MappingProxyType(tags))


def _last_usage(answer: Mapping[str, Any]) -> LastUsage:
    usage = answer.get("KeyLastUsage") or {}
    return LastUsage(usage.get("Operation"), usage.get("Timestamp"), answer["TrackingStartDate"])


def listed_grant(entry: Mapping[str, Any]) -> Grant:
    """A grant of ListGrants as ours."""
    return Grant(
        grant_id=entry["GrantId"],
        name=entry.get("Name", ""),
        grantee=entry.get("GranteePrincipal") or entry.get("GranteeServicePrincipal") or "",
        retiring=entry.get("RetiringPrincipal") or entry.get("RetiringServicePrincipal"),
        operations=tuple(entry.get("Operations", ())),
        issuing_account=entry.get("IssuingAccount") or "",
        created=entry.get("CreationDate"),
        constraints=MappingProxyType(dict(entry.get("Constraints") or {})),
    )
