"""What a person may ask of the sandbox beside AWS's own calls: Regions, refusals, request quotas."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from keywright._internal.aws.quotas import CREATE_KEY_PER_REPLICATION, REQUESTS_PER_SECOND
from keywright._internal.sandbox.tag_index import TagIndex
from keywright._internal.sandbox.wire import Answer, ApiRequest, answer, query_refusal, refusal

DEFAULT_REGIONS = (
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1",
    "us-east-1", "us-east-2", "us-west-1", "us-west-2",
)  # fmt: skip
"""The Regions that every new account has without opting in.

https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
"""

_THROTTLED = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."


@dataclass(frozen=True, slots=True)
class Refused:
    """Calls that are answered with AccessDenied; each field is a pattern with `*` and `?`."""

    operation: str = "*"
    key: str = "*"
    """Of the key that the call names, as its ID, ARN or alias; for AssumeRole, of the role's ARN."""
    account: str = "*"
    region: str = "*"

    def matches(self, request: ApiRequest, account: str) -> bool:
        """Whether the call is one of these."""
        named = ("KeyId", "TargetKeyId", "RoleArn")
        key = next((str(request.parameters[name]) for name in named if request.parameters.get(name)), "")
        key_id = key.rpartition("/")[2] if ":key/" in key else key
        return (
            fnmatchcase(request.operation, self.operation)
            and (fnmatchcase(key, self.key) or fnmatchcase(key_id, self.key))
            and fnmatchcase(account, self.account)
            and fnmatchcase(request.region, self.region)
        )


@dataclass(slots=True)
class Controls:
    """The settings of a running sandbox.

    Args:
        throttles: whether calls beyond AWS's default request quotas are throttled.
        index: the tagging API's index.
        regions: the Regions that an account has enabled, where that isn't the default.
        refused: what is answered with AccessDenied.
        enforces: whether who authorizes requests is asked, if there is somebody.
        clock: seconds that never go back.
    """

    throttles: bool = False
    index: TagIndex = field(default_factory=TagIndex)
    regions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)
    enforces: bool = True
    clock: Callable[[], float] = time.monotonic
    calls: dict[str, Counter[str]] = field(default_factory=dict)
    """What each account has called so far, as `kms:ListKeys`."""
    _drawn: dict[tuple[str, str, str], tuple[float, float]] = field(default_factory=dict)

    def change(self, asked: Mapping[str, Any]) -> None:
        """Take over what a control request says: `regions`, `refuse`, `throttle`, `enforce`."""
        if "regions" in asked:
            self.regions[asked["account"]] = tuple(asked["regions"])
        if "refuse" in asked:
            self.refused.append(Refused(**asked["refuse"]))
        if "throttle" in asked:
            self.throttles = bool(asked["throttle"])
        if "enforce" in asked:
            self.enforces = bool(asked["enforce"])

    def count(self, request: ApiRequest, account: str) -> None:
        """Note that an account makes a call."""
        self.calls.setdefault(account, Counter())[f"{request.service}:{request.operation}"] += 1

    def refuse(self, request: ApiRequest, account: str, caller: str) -> Answer | None:
        """The refusal of a call, or None where it may go on."""
        if any(item.matches(request, account) for item in self.refused):
            if request.service == "sts":
                role = request.parameters.get("RoleArn", "")
                said = f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}"
                return query_refusal("AccessDenied", said)
            named = request.parameters.get("KeyId") or "*"
            service, kind = ("organizations", "identity") if request.service == "organizations" else ("kms", "resource")
            return refusal(
                "AccessDeniedException",
                f"User: {caller} is not authorized to perform: {service}:{request.operation} on resource: {named} "
                f"because no {kind}-based policy allows the action",
            )
        if self.throttles and not self._has_room(request, account):
            return refusal("ThrottlingException", _THROTTLED)
        return None

    def enabled_regions(self, account: str) -> tuple[str, ...]:
        """The account's Regions."""
        return self.regions.get(account, DEFAULT_REGIONS)

    @staticmethod
    def request_quotas() -> Answer:
        """What Service Quotas tells of KMS: the quotas that are kept to where any are."""
        named = {f"{operation} request rate": rate for operation, rate in sorted(REQUESTS_PER_SECOND.items())}
        return answer(
            {
                "Quotas": [
                    {"ServiceCode": "kms", "QuotaName": name, "Value": float(rate), "Unit": "None", "Adjustable": True}
                    for name, rate in named.items()
                ]
            }
        )

    def _has_room(self, request: ApiRequest, account: str) -> bool:
        """Draw on the quotas of a call; a second's quota may be used at once, as AWS's own window lets it."""
        draws = [(request.region, request.operation, 1.0)]
        if request.operation == "ReplicateKey":
            draws.append((request.parameters.get("ReplicaRegion", ""), "CreateKey", float(CREATE_KEY_PER_REPLICATION)))
        now = self.clock()
        left: dict[tuple[str, str, str], tuple[float, float]] = {}
        for region, operation, cost in draws:
            rate = REQUESTS_PER_SECOND.get(operation)
            if rate is None:
                continue
            tokens, then = self._drawn.get((account, region, operation), (float(rate), now))
            tokens = min(float(rate), tokens + (now - then) * rate) - cost
            if tokens < 0:
                return False
            left[account, region, operation] = (tokens, now)
        self._drawn |= left
        return True
