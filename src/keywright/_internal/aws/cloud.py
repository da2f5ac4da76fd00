"""All of AWS that one run talks to: several accounts and Regions behind one object."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from keywright._internal.aws.accounts import AccountReading
from keywright._internal.aws.calling import Channel, Tally
from keywright._internal.aws.errors import AccessDenied, AwsError, NotFound
from keywright._internal.aws.pacing import Pacing
from keywright._internal.aws.results import CallerIdentity
from keywright._internal.aws.retrying import Patience
from keywright._internal.aws.service_quotas import read_request_quotas
from keywright._internal.aws.sessions import Sessions, Settings
from keywright._internal.aws.using import KeyUsing
from keywright._internal.aws.writing import KeyWriting
from keywright._internal.facts.offerings import home_region
from keywright._internal.model.arn import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROLE_SESSION_NAME = "keywright"
_ASKING_IN_SECONDS = 5.0
"""For how long Service Quotas is asked: its answer is wanted, not needed."""


class KeyService(KeyWriting, KeyUsing):
    """The keys of one account in one Region: reading, changing and using them. Safe to use from many threads."""


class Cloud:
    """AWS, as one set of settings reaches it. Safe to use from many threads.

    Args:
        settings: profile, Region and endpoint; None means what boto3 finds by itself.
        patience: for how long one call is tried; by default a minute, or what the environment variable
            `KEYWRIGHT_AWS_PATIENCE` says, in seconds.
        pacing: keeps calls within AWS's request quotas; by default it waits as `patience` does.
    """

    def __init__(self, settings: Settings, *, patience: Patience | None = None, pacing: Pacing | None = None) -> None:
        self._patience = patience or Patience()
        self._pacing = pacing or Pacing(clock=self._patience.clock, sleep=self._patience.sleep)
        self._sessions = Sessions(settings, self._patience.seconds, self._assume)
        self._tally = Tally()
        self._callers: dict[str | None, CallerIdentity] = {}
        self._services: dict[tuple[str | None, str], KeyService] = {}
        self._own_account: str | None = None
        self._lock = threading.RLock()

    @property
    def default_region(self) -> str | None:
        """The Region in use where nothing else names one.

        Raises:
            AwsError: if the settings name a profile that isn't there.
        """
        return self._sessions.default_region

    @property
    def calls(self) -> Mapping[str, int]:
        """The requests sent so far, repeated ones too, by operation."""
        return self._tally.snapshot()

    @property
    def pacing(self) -> Pacing:
        """What keeps the calls within AWS's request quotas."""
        return self._pacing

    def caller(self, role_arn: str | None = None, *, region: str | None = None) -> CallerIdentity:
        """Who we are, or are with the role assumed. Asked of STS once.

        Args:
            role_arn: the role.
            region: whose STS to ask, where there is no default Region.
        """
        with self._lock:
            known = self._callers.get(role_arn)
        if known is not None:
            return known
        client = self._sessions.client("sts", self.default_region or region, role_arn)
        caller = self._channel(client.meta.region_name, role_arn).call(
            client,
            "GetCallerIdentity",
            client.get_caller_identity,
            lambda answer: CallerIdentity(
                account=answer["Account"],
                arn=answer["Arn"],
                user_id=answer["UserId"],
                partition=Arn.parse(answer["Arn"]).partition,
            ),
        )
        with self._lock:
            return self._callers.setdefault(role_arn, caller)

    def keys(self, region: str, role_arn: str | None = None, *, patience: Patience | None = None) -> KeyService:
        """The keys of a Region, in our own account or in the role's. No call is made yet.

        Args:
            region: the Region.
            role_arn: the role that reaches the account; None for our own.
            patience: for how long one call is tried, where it isn't as long as all others.
        """
        if patience is not None:
            return self._new_service(region, role_arn, patience)
        with self._lock:
            service = self._services.get((role_arn, region))
            if service is None:
                service = self._new_service(region, role_arn, self._patience)
                self._services[role_arn, region] = service
            return service

    def _new_service(self, region: str, role_arn: str | None, patience: Patience) -> KeyService:
        return KeyService(
            self._channel(region, role_arn, patience),
            lambda: self._sessions.client("kms", region, role_arn),
            lambda: self._sessions.client("resourcegroupstaggingapi", region, role_arn),
        )

    def account(self, role_arn: str | None = None, *, region: str | None = None) -> AccountReading:
        """What an account as a whole has: its Regions, its roles and users, its organization. No call is made yet.

        Args:
            role_arn: the role that reaches it; None for our own account.
            region: whose endpoints to ask, where there is no default Region.
        """
        home = self.default_region or region
        return AccountReading(
            lambda client: self._channel(client.meta.region_name, role_arn),
            lambda service: self._sessions.client(service, home, role_arn),
        )

    def forget(self, role_arn: str) -> None:
        """Let go of the credentials of a role whose work is done, and of its account's place in the quotas."""
        with self._lock:
            self._sessions.forget(role_arn)
            for place in [place for place in self._services if place[0] == role_arn]:
                del self._services[place]
        self._pacing.forget(self._quota_account(role_arn))

    def principal_exists(self, arn: str, role_arn: str | None = None) -> bool | None:
        """Whether a role or user exists, with exactly this ARN.

        Returns:
            None where we can't know: it is in another account than the caller, is neither a role nor a user, or
            the caller may not read IAM.
        """
        parts = Arn.find(arn)
        if parts is None or parts.service != "iam":
            return None
        kind, _, path = parts.resource.partition("/")
        name = path.rpartition("/")[2]
        if kind not in {"role", "user"} or parts.account != self.caller(role_arn, region=_home(arn)).account:
            return None
        client = self._sessions.client("iam", self.default_region or _home(arn), role_arn)
        channel = self._channel(client.meta.region_name, role_arn)
        try:
            if kind == "role":
                found = channel.call(
                    client, "GetRole", lambda: client.get_role(RoleName=name), lambda a: str(a["Role"]["Arn"]), key=arn
                )  # fmt: skip
            else:
                found = channel.call(
                    client, "GetUser", lambda: client.get_user(UserName=name), lambda a: str(a["User"]["Arn"]), key=arn
                )  # fmt: skip
        except NotFound:
            return False
        except AccessDenied:
            return None
        return found == arn

    def _channel(self, region: str, role_arn: str | None, patience: Patience | None = None) -> Channel:
        account = lambda: self._quota_account(role_arn)  # noqa: E731 - it may be a call, so only when it is asked for
        quotas = lambda there: self._request_quotas(there, role_arn)  # noqa: E731 - it is a call, too
        return Channel(region, account, self._tally, patience or self._patience, self._pacing, quotas, role_arn)

    def _request_quotas(self, region: str, role_arn: str | None) -> Mapping[str, float]:
        """What the account's request quotas in a Region are, as far as Service Quotas tells."""
        brief = replace(self._patience, seconds=min(_ASKING_IN_SECONDS, self._patience.seconds))
        channel = self._channel(region, role_arn, brief)
        return read_request_quotas(channel, lambda: self._sessions.client("service-quotas", region, role_arn))

    def _quota_account(self, role_arn: str | None) -> str:
        """Whose request quotas our calls draw on: the calling account's, also for another account's keys."""
        if role_arn is not None:
            role = Arn.find(role_arn)
            return role.account if role else role_arn
        if self._own_account is None:
            try:
                self._own_account = self.caller().account
            except AwsError:  # STS doesn't tell; one bucket for all our calls is still right
                self._own_account = "own"
        return self._own_account

    def _assume(self, role_arn: str) -> dict[str, str]:
        """A role's temporary credentials, in the form that botocore refreshes from."""
        client = self._sessions.client("sts", self.default_region or _home(role_arn), None)
        channel = self._channel(client.meta.region_name, None)
        return channel.call(
            client,
            "AssumeRole",
            lambda: client.assume_role(RoleArn=role_arn, RoleSessionName=_ROLE_SESSION_NAME),
            lambda answer: {
                "access_key": answer["Credentials"]["AccessKeyId"],
                "secret_key": answer["Credentials"]["SecretAccessKey"],
                "token": answer["Credentials"]["SessionToken"],
                "expiry_time": answer["Credentials"]["Expiration"].isoformat(),
            },
            key=role_arn,
        )


def _home(arn: str) -> str:
    """Where to ask about what belongs to a whole account, if there is no default Region."""
    found = Arn.find(arn)
    return home_region(found.partition if found else "aws")
