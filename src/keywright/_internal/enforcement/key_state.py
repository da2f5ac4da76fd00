"""The sandbox's keys with all that decides requests on them, read when first asked about and again after a change."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from keywright._internal.enforcement.until_changed import UntilChanged
from keywright._internal.model.arn import Arn
from keywright._internal.proof.evaluation.grants import Grant
from keywright._internal.proof.evaluation.key_context import key_context
from keywright._internal.proof.evaluation.request import Context
from keywright._internal.sandbox.authorization import Ask

_MOST = 100
"""The largest page of ListGrants and ListAliases."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """A key as requests on it are decided.

    Args:
        arn: its ARN.
        policy: the text of its key policy, with the principals that are gone shown as their IDs.
        grants: its grants, each named by its ID.
        context: the context keys that follow from the key.
    """

    arn: str
    policy: str
    grants: tuple[Grant, ...]
    context: Context

    @property
    def account(self) -> str:
        """Its account."""
        return self.arn.split(":")[4]

    @property
    def region(self) -> str:
        """Its Region."""
        return self.arn.split(":")[3]


@dataclass(slots=True)
class KeyStates:
    """Keys by account, Region, and the name that a request gives: an ID, an ARN or an alias.

    Args:
        ask: asks KMS.
    """

    ask: Ask
    _known: UntilChanged[KeyState | None] = field(default_factory=UntilChanged)

    async def find(self, account: str, region: str, named: str) -> KeyState | None:
        """The key that a name means in an account and Region; None if there is none."""
        return await self._known.get(account, (region, named), lambda: self._read(account, region, named))

    def forget(self, account: str | None) -> None:
        """What was read of an account's keys may be out of date; None: of every account's."""
        self._known.forget(account)

    async def _read(self, account: str, region: str, named: str) -> KeyState | None:
        found = await self.ask(account, region, "DescribeKey", KeyId=named)
        if not found.ok:
            return None
        metadata = found.document()["KeyMetadata"]
        arn = metadata["Arn"]
        policy = (await self.ask(account, region, "GetKeyPolicy", KeyId=arn)).document()["Policy"]
        grants = [item async for item in self._all(account, region, "ListGrants", "Grants", arn)]
        tags = (await self.ask(account, region, "ListResourceTags", KeyId=arn)).document()["Tags"]
        aliases = [item["AliasName"] async for item in self._all(account, region, "ListAliases", "Aliases", arn)]
        return KeyState(
            arn,
            policy,
            tuple(map(Grant.from_document, grants)),
            _context(metadata, {tag["TagKey"]: tag["TagValue"] for tag in tags}, aliases),
        )

    async def _all(
        self, account: str, region: str, operation: str, member: str, arn: str
    ) -> AsyncIterator[dict[str, Any]]:
        more: dict[str, str] = {}
        while True:
            page = (await self.ask(account, region, operation, KeyId=arn, Limit=_MOST, **more)).document()
            for item in page[member]:
                yield item
            if not page.get("Truncated"):
                return
            more = {"Marker": page["NextMarker"]}


def _context(metadata: Mapping[str, Any], tags: Mapping[str, str], aliases: list[str]) -> Context:
    return key_context(
        Arn.parse(metadata["Arn"]),
        spec=metadata["KeySpec"],
        usage=metadata["KeyUsage"],
        origin=metadata["Origin"],
        multi_region=bool(metadata.get("MultiRegion")),
        multi_region_type=metadata["MultiRegionConfiguration"]["MultiRegionKeyType"]
        if metadata.get("MultiRegion")
        else None,
        aliases=aliases,
        tags=tags,
    )
