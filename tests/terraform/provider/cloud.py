"""The stand-in's way to AWS: boto3, by the provider's configuration, one client a Region."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import UnknownRegionError
from botocore.loaders import Loader
from botocore.session import Session

_LOADER = Loader()


def warm_up() -> None:
    """Read what every client is made of, once for all plugins."""
    cloud = Cloud({"region": "us-east-1", "access_key": "x", "secret_key": "x"})
    assert cloud.partition
    for service in ("sts", "kms"):
        cloud.client(service)


def _session(**given: str | None) -> Any:
    core = Session(profile=given.pop("profile_name", None))
    core.register_component("data_loader", _LOADER)
    return boto3.Session(botocore_session=core, **given)


class Cloud:
    """What a provider block says, and the clients that follow from it."""

    def __init__(self, configuration: dict[str, Any]) -> None:
        self._given = configuration
        self._clients: dict[tuple[str, str], Any] = {}

    @cached_property
    def _own_session(self) -> Any:
        given = self._given
        session = _session(
            aws_access_key_id=given.get("access_key"),
            aws_secret_access_key=given.get("secret_key"),
            aws_session_token=given.get("token"),
            profile_name=given.get("profile"),
            region_name=given.get("region"),
        )
        for role in given.get("assume_role") or ():
            answer = session.client("sts", endpoint_url=self._endpoint("sts")).assume_role(
                RoleArn=role["role_arn"],
                RoleSessionName=role.get("session_name") or "terraform",
            )["Credentials"]
            session = _session(
                aws_access_key_id=answer["AccessKeyId"],
                aws_secret_access_key=answer["SecretAccessKey"],
                aws_session_token=answer["SessionToken"],
                region_name=session.region_name,
            )
        return session

    def _endpoint(self, service: str) -> str | None:
        for block in self._given.get("endpoints") or ():
            if block.get(service):
                return str(block[service])
        return None

    @cached_property
    def region(self) -> str | None:
        """The provider's own Region."""
        region = self._own_session.region_name
        return None if region is None else str(region)

    @property
    def partition(self) -> str:
        """The partition of the provider's Region."""
        return str(self._own_session.get_partition_for_region(self.region))

    def partition_of(self, region: str) -> str:
        """The partition of any Region; of one that nobody knows the first, as the AWS SDK for Go has it."""
        try:
            return str(self._own_session.get_partition_for_region(region))
        except UnknownRegionError:
            return "aws"

    @property
    def default_tags(self) -> dict[str, str]:
        """The tags of the provider's `default_tags` block."""
        for block in self._given.get("default_tags") or ():
            return dict(block.get("tags") or {})
        return {}

    def client(self, service: str, region: str | None = None) -> Any:
        """A client of a service in a Region, the provider's own where none is named."""
        where = region or self.region
        key = (service, where or "")
        if key not in self._clients:
            self._clients[key] = self._own_session.client(
                service,
                region_name=where,
                endpoint_url=self._endpoint(service),
                config=Config(retries={"max_attempts": 5, "mode": "standard"}),
            )
        return self._clients[key]
