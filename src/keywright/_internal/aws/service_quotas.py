"""An account's own request quotas of KMS, which Service Quotas tells to whoever may ask."""

from __future__ import annotations

import logging
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from keywright._internal.aws.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from keywright._internal.aws.calling import Channel

_LOG = logging.getLogger("keywright.aws")

_NAME_ENDS = " request rate"
"""A quota is named after its operation: https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html"""


def read_request_quotas(channel: Channel, get_client: Callable[[], Any]) -> Mapping[str, float]:
    """The applied quotas, in requests per second by operation; empty where they can't be read, which is no failure.

    Args:
        channel: of the account and Region.
        get_client: gets Service Quotas' client there.

    https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListServiceQuotas.html
    """
    found: dict[str, float] = {}
    request: dict[str, Any] = {"ServiceCode": "kms", "MaxResults": 100}
    try:
        client = get_client()
        while True:
            page, token = channel.call(
                client,
                "ListServiceQuotas",
                lambda: client.list_service_quotas(**request),
                lambda answer: (_by_operation(answer), answer.get("NextToken")),
            )
            found |= page
            if not token:
                break
            request["NextToken"] = token
    except AwsError as error:
        _LOG.debug("request quotas in %s: AWS's defaults are taken, for Service Quotas says: %s", channel.region, error)
        return MappingProxyType({})
    _LOG.debug("request quotas in %s: %d read from Service Quotas", channel.region, len(found))
    return MappingProxyType(found)


def _by_operation(answer: Mapping[str, Any]) -> dict[str, float]:
    return {
        quota["QuotaName"].removesuffix(_NAME_ENDS): float(quota["Value"])
        for quota in answer["Quotas"]
        if quota["QuotaName"].endswith(_NAME_ENDS) and quota["Value"] > 0
    }
