"""Credentials, Regions and clients: boto3's own settings, with roles assumed where a key names one."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, overload

from keywright._internal.aws.direct_calls import send_directly
from keywright._internal.aws.role_credentials import RoleCredentials
from keywright._internal.aws.translation import Call, from_settings, refuse_garbled

if TYPE_CHECKING:
    from collections.abc import Callable

    import boto3
    from botocore.config import Config
    from types_boto3_iam import IAMClient
    from types_boto3_kms import KMSClient
    from types_boto3_resourcegroupstaggingapi import ResourceGroupsTaggingAPIClient
    from types_boto3_sts import STSClient

ServiceName = Literal["kms", "sts", "iam", "resourcegroupstaggingapi", "ec2", "organizations", "service-quotas"]

_PROTOCOLS: dict[str, str] = {
    "kms": "json",
    "resourcegroupstaggingapi": "json",
    "organizations": "json",
    "service-quotas": "json",
    "sts": "xml",
    "iam": "xml",
    "ec2": "xml",
}

_CONNECT_TIMEOUT = 5.0
_READ_TIMEOUT = 20.0
_CONNECTIONS = 64
"""Kept open for each client. More threads than this wait for one another instead of reconnecting."""

_SHARED_COMPONENTS = ("data_loader", "endpoint_resolver", "exceptions_factory", "response_parser_factory")
"""botocore's parts that hold nothing of an account."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Which AWS to talk to; None means what boto3 finds by itself (environment, config file).

    Args:
        profile: a named profile of the AWS configuration.
        region: the default Region.
        endpoint_url: in place of AWS's own endpoints, for all services.
    """

    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None


class Sessions:
    """Makes and keeps the clients of each service and Region: one of our own, one for all roles.

    Safe to use from many threads. A call through a client for roles is made within `role_credentials.acting_as`.

    Args:
        settings: which AWS.
        read_timeout: for how many seconds an answer is awaited.
        assume: gets a role's credentials as botocore's refresh metadata (`access_key`, `secret_key`, `token`,
            `expiry_time`); called when they are first needed and whenever they are about to expire.
    """

    def __init__(self, settings: Settings, read_timeout: float, assume: Callable[[str], dict[str, str]]) -> None:
        self._settings = settings
        self._read_timeout = min(_READ_TIMEOUT, read_timeout)
        self._roles = RoleCredentials(assume)
        self._lock = threading.RLock()
        self._sessions: dict[bool, boto3.Session] = {}
        self._clients: dict[tuple[str, str | None, bool], Any] = {}

    @property
    def default_region(self) -> str | None:
        """The Region in use where nothing else names one."""
        return self._session(of_roles=False).region_name or None  # a variable that is set and empty says nothing

    @overload
    def client(self, service: Literal["kms"], region: str, role_arn: str | None) -> KMSClient: ...
    @overload
    def client(self, service: Literal["sts"], region: str | None, role_arn: str | None) -> STSClient: ...
    @overload
    def client(self, service: Literal["iam"], region: str | None, role_arn: str | None) -> IAMClient: ...
    @overload
    def client(
        self, service: Literal["resourcegroupstaggingapi"], region: str, role_arn: str | None
    ) -> ResourceGroupsTaggingAPIClient: ...
    @overload
    def client(
        self, service: Literal["ec2", "organizations", "service-quotas"], region: str | None, role_arn: str | None
    ) -> Any: ...
    def client(self, service: ServiceName, region: str | None, role_arn: str | None) -> Any:
        """The client of a service in a Region, acting as the role if one is named.

        Raises:
            AwsError: if the settings don't make a client (no such profile, no Region, a malformed endpoint).
        """
        with self._lock:
            name = (service, region, role_arn is not None)
            client = self._clients.get(name)
            if client is None:
                client = self._clients[name] = self._new_client(*name)
            return client

    def forget(self, role_arn: str) -> None:
        """Drop a role's credentials."""
        self._roles.forget(role_arn)

    def _new_client(self, service: ServiceName, region: str | None, of_roles: bool) -> Any:
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - boto3 is heavy

        session = self._session(of_roles=of_roles)
        try:
            client = session.client(
                service, region_name=region, endpoint_url=self._settings.endpoint_url, config=self._config()
            )
        except (BotoCoreError, ValueError) as error:
            endpoint = self._settings.endpoint_url or _endpoint_in(str(error))
            raise from_settings(error, Call(service, service, region or "", endpoint)) from error
        protocol = _PROTOCOLS[service]

        def check(response_dict: dict[str, Any], **_: object) -> None:
            refuse_garbled(protocol, response_dict)

        client.meta.events.register("before-parse", check)
        if service == "kms":  # whose calls are so many
            send_directly(client, partial(refuse_garbled, protocol))
        return client

    def _session(self, *, of_roles: bool) -> boto3.Session:
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - boto3 is heavy

        with self._lock:
            session = self._sessions.get(of_roles)
            if session is None:
                try:
                    session = self._new_session(of_roles=of_roles)
                except BotoCoreError as error:
                    call = Call("sts", "session", self._settings.region or "", "")
                    raise from_settings(error, call) from error
                self._sessions[of_roles] = session
            return session

    def _new_session(self, *, of_roles: bool) -> boto3.Session:
        import boto3  # noqa: PLC0415 - boto3 is heavy
        import botocore.session  # noqa: PLC0415

        # The AWS CLI and the other SDKs read AWS_REGION; boto3 knows AWS_DEFAULT_REGION alone.
        region = self._settings.region or os.environ.get("AWS_REGION") or None
        if not of_roles:
            return boto3.Session(profile_name=self._settings.profile, region_name=region)
        base = botocore.session.Session(profile=self._settings.profile)
        # What AWS's services are is read and parsed once a process: it is most of what a session costs.
        own = self._session(of_roles=False)._session  # noqa: SLF001 - boto3 shows no other way to botocore's session
        for component in _SHARED_COMPONENTS:
            base.register_component(component, own.get_component(component))
        # The one place botocore keeps a session's credentials; it has no public setter for others than fixed ones.
        base._credentials = self._roles  # type: ignore[attr-defined] # noqa: SLF001
        return boto3.Session(botocore_session=base, region_name=region)

    def _config(self) -> Config:
        from botocore import __version__  # noqa: PLC0415 - boto3 is heavy
        from botocore.config import Config  # noqa: PLC0415

        return Config(
            retries={"total_max_attempts": 1},
            connect_timeout=_CONNECT_TIMEOUT,
            read_timeout=self._read_timeout,
            tcp_keepalive=True,
            max_pool_connections=_CONNECTIONS,
            # One that is whole: botocore composes its own anew for each call, which is a tenth of a call's work.
            user_agent=f"keywright botocore/{__version__}",
        )


def _endpoint_in(message: str) -> str:
    """The URL in botocore's `Invalid endpoint: URL`, which is all it says where the environment set it."""
    return message.partition("Invalid endpoint: ")[2]
