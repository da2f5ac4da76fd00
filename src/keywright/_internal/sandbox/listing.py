"""Listings in pages, with KMS's limits and one stable order."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keywright._internal.sandbox.wire import Answer, answer, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Listing:
    """How one listing is cut into pages.

    Args:
        items: the answer's field with the entries.
        name: the entry's field that orders them.
        limit: the request's field with the page's size.
        default: that size where the request doesn't say.
        most: the largest size.
        token: the request's field with the place to go on.
        following: the answer's field with it.
    """

    items: str
    name: str
    limit: str
    default: int
    most: int
    token: str = "Marker"  # noqa: S105 - a place in a listing
    following: str = "NextMarker"


LISTINGS: Mapping[str, Listing] = {
    "ListKeys": Listing("Keys", "KeyArn", "Limit", 100, 1000),
    "ListAliases": Listing("Aliases", "AliasName", "Limit", 50, 100),
    "GetResources": Listing(
        "ResourceTagMappingList",
        "ResourceARN",
        "ResourcesPerPage",
        50,
        100,
        "PaginationToken",
        "PaginationToken",
    ),
}


def page(listing: Listing, parameters: dict[str, Any], document: dict[str, Any]) -> Answer:
    """The page of a whole listing that the request asks for."""
    size = parameters.get(listing.limit) or listing.default
    if not isinstance(size, int) or not 1 <= size <= listing.most:
        return refusal("ValidationException", f"{listing.limit} must be between 1 and {listing.most}.")
    last = ""
    if parameters.get(listing.token):
        try:
            last = base64.b64decode(parameters[listing.token], validate=True).decode()
        except (ValueError, TypeError):
            return refusal("InvalidMarkerException", "The marker is not valid.")
    rest = sorted((i for i in document[listing.items] if i[listing.name] > last), key=lambda i: i[listing.name])
    found: dict[str, Any] = {listing.items: rest[:size]}
    if listing.following == "NextMarker":
        found["Truncated"] = len(rest) > size
    else:
        found[listing.following] = ""
    if len(rest) > size:
        found[listing.following] = base64.b64encode(rest[size - 1][listing.name].encode()).decode()
    return answer(found)
