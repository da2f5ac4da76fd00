"""KMS in memory, on simulated time: answers take a while, new keys show a moment later, and request quotas are kept to.

It has what creating and changing keys needs, as boto3's clients of several Regions show it, and throttles as AWS says:
each operation of a Region by a bucket of its own, which holds one second's calls.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from keywright._internal.aws import Cloud, Patience, Settings
from keywright._internal.aws.quotas import REQUESTS_PER_SECOND
from keywright._internal.lifecycle.waiting import Waits
from simulated_time import SimulatedTime

ACCOUNT = "111122223333"
_BEGINNING = datetime(2026, 11, 25, tzinfo=UTC)
_ROUND_TRIP = (0.03, 0.12)
_VISIBLE_AFTER = 0.8
_PLAIN = {
    "KeySpec": "SYMMETRIC_DEFAULT",
    "KeyUsage": "ENCRYPT_DECRYPT",
    "Description": "",
    "MultiRegion": False,
    "Policy": "{}",
    "Tags": (),
}


@dataclass
class SimulatedAws:
    """All Regions of an account.

    Args:
        time: its time.
        quotas: requests per second by operation.
        applied: what Service Quotas says; None where nobody may ask it.
        others: the share of each quota that somebody else uses, at a time.
    """

    time: SimulatedTime
    quotas: Mapping[str, float] = field(default_factory=lambda: REQUESTS_PER_SECOND)
    applied: Mapping[str, float] | None = None
    others: Callable[[float], float] = lambda _now: 0.0
    keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    aliases: dict[tuple[str, str], str] = field(default_factory=dict)
    accepted: Counter[str] = field(default_factory=Counter)
    throttled: Counter[str] = field(default_factory=Counter)
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    made: defaultdict[str, list[tuple[float, str]]] = field(default_factory=lambda: defaultdict(list))
    buckets: dict[tuple[str, str], _Bucket] = field(default_factory=dict)
    began: float = 0.0

    def cloud(self) -> Cloud:
        """Keywright's view of it: its real calls, pacing and retries, on this time."""
        patience = Patience(60, clock=self.time.clock, sleep=self.time.sleep, spread=self.chance.uniform)
        cloud = Cloud(Settings(region="us-east-1"), patience=patience)
        cloud._sessions = _Sessions(self)  # type: ignore[assignment] # the one thing that isn't real
        return cloud

    def waits(self) -> Waits:
        """Waits on this time."""
        return Waits(60, self.time.stop, self.time.clock, pool=self.time.pool)

    def add_untagged(self, count: int, *, age: timedelta) -> None:
        """Let somebody else have made keys without tags."""
        for _ in range(count):
            made = _Client(self, "kms", "us-east-1")._new_key(f"{len(self.keys):032x}", _PLAIN)
            self.keys[made["Arn"]]["metadata"]["CreationDate"] -= age

    def restart(self) -> None:
        """Count calls and seconds from here."""
        self.began = self.time.now
        self.accepted.clear()
        self.throttled.clear()

    @property
    def seconds(self) -> float:
        """The seconds that were counted."""
        return self.time.now - self.began

    def draw(self, region: str, operation: str, cost: float = 1) -> bool:
        """Whether the quota has room for a call."""
        quota = self.quotas.get(operation)
        if quota is None:
            return True
        bucket = self.buckets.setdefault((region, operation), _Bucket(quota, self.time.now))
        bucket.fill(quota, quota * (1 - self.others(self.time.now)), self.time.now)
        return bucket.draw(cost)


@dataclass
class _Bucket:
    tokens: float
    filled_at: float

    def fill(self, capacity: float, rate: float, now: float) -> None:
        self.tokens = min(capacity, self.tokens + rate * (now - self.filled_at))
        self.filled_at = now

    def draw(self, cost: float) -> bool:
        enough = self.tokens >= cost
        self.tokens -= cost if enough else 0
        return enough


@dataclass
class _Sessions:
    aws: SimulatedAws
    default_region: str = "us-east-1"
    clients: dict[tuple[str, str], _Client] = field(default_factory=dict)

    def client(self, service: str, region: str, _role: str | None) -> _Client:
        if (service, region) not in self.clients:
            self.clients[service, region] = _Client(self.aws, service, region)
        return self.clients[service, region]


class _Client:
    def __init__(self, aws: SimulatedAws, service: str, region: str) -> None:
        self.aws, self.region = aws, region
        self.meta = SimpleNamespace(
            endpoint_url=f"https://{service}.{region}.amazonaws.com",
            region_name=region,
            service_model=SimpleNamespace(signing_name=service),
        )

    def get_caller_identity(self) -> dict[str, Any]:
        arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/session"
        return {"Account": ACCOUNT, "Arn": arn, "UserId": "AROAEXAMPLE:session"}

    def list_service_quotas(self, **_: Any) -> dict[str, Any]:
        self._call("ListServiceQuotas")
        if self.aws.applied is None:
            raise _error("AccessDeniedException", "ListServiceQuotas")
        named = {f"{operation} request rate": value for operation, value in self.aws.applied.items()}
        return {"Quotas": [{"QuotaName": name, "Value": value} for name, value in named.items()]}

    def create_key(self, **request: Any) -> dict[str, Any]:
        self._call("CreateKey")
        prefix = "mrk-" if request["MultiRegion"] else ""
        return {"KeyMetadata": self._new_key(f"{prefix}{len(self.aws.keys):032x}", request)}

    def replicate_key(self, **request: Any) -> dict[str, Any]:
        region = request["ReplicaRegion"]
        self._call("ReplicateKey", (region, "CreateKey", 2))
        primary = self._key(request["KeyId"])
        replica = _Client(self.aws, "kms", region)._new_key(request["KeyId"], {**primary["request"], **request})
        primary["replicas"].append({"Arn": replica["Arn"]})
        family = {"PrimaryKey": {"Arn": primary["metadata"]["Arn"]}, "ReplicaKeys": primary["replicas"]}
        primary["metadata"]["MultiRegionConfiguration"] = {**family, "MultiRegionKeyType": "PRIMARY"}
        self.aws.keys[replica["Arn"]]["metadata"]["MultiRegionConfiguration"] = {
            **family,
            "MultiRegionKeyType": "REPLICA",
        }
        return {"ReplicaKeyMetadata": dict(replica)}

    def create_alias(self, **request: Any) -> dict[str, Any]:
        self._call("CreateAlias")
        self.aws.aliases[self.region, request["AliasName"]] = self._key(request["TargetKeyId"])["metadata"]["Arn"]
        return {}

    def enable_key_rotation(self, **request: Any) -> dict[str, Any]:
        self._call("EnableKeyRotation")
        self._key(request["KeyId"])["rotation"] = request.get("RotationPeriodInDays", 365)
        return {}

    def put_key_policy(self, **request: Any) -> dict[str, Any]:
        self._call("PutKeyPolicy")
        self._key(request["KeyId"])["policy"] = request["Policy"]
        return {}

    def tag_resource(self, **request: Any) -> dict[str, Any]:
        self._call("TagResource")
        self._key(request["KeyId"])["tags"] |= {tag["TagKey"]: tag["TagValue"] for tag in request["Tags"]}
        return {}

    def schedule_key_deletion(self, **request: Any) -> dict[str, Any]:
        self._call("ScheduleKeyDeletion")
        self._key(request["KeyId"])["metadata"] |= {"KeyState": "PendingDeletion", "Enabled": False}
        return {}

    def cancel_key_deletion(self, **request: Any) -> dict[str, Any]:
        self._call("CancelKeyDeletion")
        self._key(request["KeyId"])["metadata"]["KeyState"] = "Disabled"
        return {}

    def enable_key(self, **request: Any) -> dict[str, Any]:
        self._call("EnableKey")
        self._key(request["KeyId"])["metadata"] |= {"KeyState": "Enabled", "Enabled": True}
        return {}

    def delete_alias(self, **request: Any) -> dict[str, Any]:
        self._call("DeleteAlias")
        del self.aws.aliases[self.region, request["AliasName"]]
        return {}

    def list_keys(self, **request: Any) -> dict[str, Any]:
        self._call("ListKeys")
        made = self.aws.made[self.region]
        shown = bisect_right(made, self.aws.time.now, key=lambda key: key[0])
        begins = int(request.get("Marker", 0))
        ends = min(shown, begins + request["Limit"])
        page = {"Keys": [{"KeyArn": arn} for _, arn in made[begins:ends]], "Truncated": ends < shown}
        return {**page, "NextMarker": str(ends)}

    def describe_key(self, **request: Any) -> dict[str, Any]:
        self._call("DescribeKey")
        return {"KeyMetadata": dict(self._key(request["KeyId"])["metadata"])}

    def get_key_policy(self, **request: Any) -> dict[str, Any]:
        self._call("GetKeyPolicy")
        return {"Policy": self._key(request["KeyId"])["policy"]}

    def get_key_rotation_status(self, **request: Any) -> dict[str, Any]:
        self._call("GetKeyRotationStatus")
        days = self._key(request["KeyId"])["rotation"]
        return {"KeyRotationEnabled": days is not None, "RotationPeriodInDays": days}

    def list_resource_tags(self, **request: Any) -> dict[str, Any]:
        self._call("ListResourceTags")
        tags = self._key(request["KeyId"])["tags"]
        return {"Tags": [{"TagKey": name, "TagValue": value} for name, value in tags.items()]}

    def _call(self, operation: str, *more: tuple[str, str, float]) -> None:
        """A call on its way: it may be throttled where it arrives."""
        aws = self.aws
        there = aws.chance.uniform(*_ROUND_TRIP) / 2
        aws.time.sleep(there)
        draws = [(self.region, operation, 1.0), *more]
        drawn = [aws.draw(*draw) for draw in draws]  # each of them, also where the first has no room
        if not all(drawn):
            aws.throttled[operation] += 1
            raise _error("ThrottlingException", operation)
        aws.accepted[operation] += 1
        aws.time.sleep(there)

    def _new_key(self, key_id: str, request: Mapping[str, Any]) -> dict[str, Any]:
        arn = f"arn:aws:kms:{self.region}:{ACCOUNT}:key/{key_id}"
        metadata = {
            "KeyId": key_id,
            "Arn": arn,
            "KeyState": "Enabled",
            "Enabled": True,
            "KeySpec": request["KeySpec"],
            "KeyUsage": request["KeyUsage"],
            "Origin": "AWS_KMS",
            "Description": request["Description"],
            "MultiRegion": request["MultiRegion"],
            "CreationDate": _BEGINNING + timedelta(seconds=self.aws.time.now),
        }
        self.aws.keys[arn] = {
            "metadata": metadata,
            "request": dict(request),
            "policy": request["Policy"],
            "tags": {tag["TagKey"]: tag["TagValue"] for tag in request["Tags"]},
            "rotation": None,
            "replicas": [],
            "shown_at": self.aws.time.now + _VISIBLE_AFTER,
        }
        self.aws.made[self.region].append((self.aws.time.now + _VISIBLE_AFTER, arn))
        return dict(metadata)

    def _key(self, name: str) -> dict[str, Any]:
        if name.startswith("alias/"):
            name = self.aws.aliases.get((self.region, name), name)
        arn = name if name.startswith("arn:") else f"arn:aws:kms:{self.region}:{ACCOUNT}:key/{name}"
        key = self.aws.keys.get(arn)
        if key is None or key["shown_at"] > self.aws.time.now:
            raise _error("NotFoundException", "the key")
        return key


def _error(code: str, operation: str) -> ClientError:
    message = "You have exceeded the rate at which you may call KMS." if code == "ThrottlingException" else code
    return ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}},  # type: ignore[typeddict-item] # the rest isn't read
        operation,
    )
