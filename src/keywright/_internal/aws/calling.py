"""One call to AWS: paced, counted, tried again where that is safe, its failure made an error of ours."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from keywright._internal.aws.pacing import Pacing, Quota
from keywright._internal.aws.quotas import CREATE_KEY_PER_REPLICATION
from keywright._internal.aws.retrying import GaveUp, Patience, Verdict, keep_trying
from keywright._internal.aws.role_credentials import acting_as
from keywright._internal.aws.translation import Call, GarbledAnswerError, judge, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

_LOG = logging.getLogger("keywright.aws")


class Tally:
    """Counts the requests sent, by operation. Safe to use from many threads."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, operation: str) -> None:
        """Count one request."""
        with self._lock:
            self._counts[operation] += 1

    def snapshot(self) -> Mapping[str, int]:
        """The counts so far."""
        with self._lock:
            return MappingProxyType(dict(self._counts))


@dataclass(frozen=True, slots=True)
class Channel:
    """Makes calls for one account (as far as known) in one Region.

    Args:
        region: the Region of the calls.
        account: says whose quotas the calls draw on; asked only where calls are paced.
        tally: counts every request.
        patience: for how long a call is tried.
        pacing: keeps calls to AWS within its quotas.
        quotas: asks AWS for the request quotas in a Region.
        role_arn: the role that the calls are made as; None for the caller's own identity.
    """

    region: str
    account: Callable[[], str]
    tally: Tally
    patience: Patience = field(default_factory=Patience)
    pacing: Pacing = field(default_factory=Pacing)
    quotas: Callable[[str], Mapping[str, float]] | None = None
    role_arn: str | None = None

    def call(
        self,
        client: Any,
        operation: str,
        send: Callable[[], Any],
        read: Callable[[Any], T],
        *,
        key: str = "",
        repeatable: bool = True,
        replica_region: str | None = None,
    ) -> T:
        """Send one API call and return what it answered.

        Args:
            client: the boto3 client that `send` uses.
            operation: the API operation's name.
            send: sends it once.
            read: takes what is needed from the answer; a KeyError, TypeError or ValueError in it means that the
                answer isn't AWS's.
            key: what the call is about, for messages.
            repeatable: whether carrying it out twice is the same as once.
            replica_region: for ReplicateKey: where the replica will be.

        Raises:
            AwsError: see `aws.errors`.
        """
        endpoint: str = client.meta.endpoint_url
        turn = _Turn(self, operation, replica_region, is_loopback(endpoint))

        def attempt() -> T:
            self.tally.add(operation)
            with acting_as(self.role_arn):
                answer = _logged(send, f"{operation} {self.region} {key}".rstrip())
            try:
                return read(answer)
            except (KeyError, TypeError, ValueError) as error:
                raise GarbledAnswerError(f"an answer without {error}") from error

        try:
            return keep_trying(attempt, turn.judge, repeatable=repeatable, patience=self.patience, ready=turn.wait)
        except GaveUp as gave_up:
            about = Call(client.meta.service_model.signing_name, operation, self.region, endpoint, key)
            raise translated(gave_up, about, repeatable=repeatable) from gave_up.cause


@dataclass(slots=True)
class _Turn:
    """When a call may be sent, within AWS's request quotas.

    Args:
        channel: sends it.
        operation: what it is.
        replica_region: for ReplicateKey: where the replica will be.
        loopback: whether it goes to this machine.
        came_at: when its last slot was.
    """

    channel: Channel
    operation: str
    replica_region: str | None
    loopback: bool
    came_at: float = 0.0

    def wait(self) -> None:
        """Wait until the call may be sent."""
        pacing = self.channel.pacing
        self.came_at = pacing.clock()
        if pacing.applies(self.operation, loopback=self.loopback):  # else asking for the account would be one call more
            for quota, cost in self._draws():
                self.came_at = pacing.wait(quota, cost, self._ask(quota.region))

    def judge(self, error: Exception) -> Verdict | None:
        """What a failed attempt's exception says about it; the pacing hears of one that was throttled."""
        verdict = judge(error)
        if verdict is Verdict.REJECTED and self.operation in self.channel.pacing.quotas:
            self.channel.pacing.throttled([quota for quota, _ in self._draws()], self.came_at)
        return verdict

    def _draws(self) -> list[tuple[Quota, float]]:
        """The quotas that the call draws on, and how much of each; the last is the one that has the least room."""
        account = self.channel.account()
        draws: list[tuple[Quota, float]] = [(Quota(account, self.channel.region, self.operation), 1)]
        if self.replica_region is not None:
            draws.append((Quota(account, self.replica_region, "CreateKey"), CREATE_KEY_PER_REPLICATION))
        return draws

    def _ask(self, region: str) -> Callable[[], Mapping[str, float]] | None:
        quotas = self.channel.quotas
        return None if quotas is None else lambda: quotas(region)


def _logged(send: Callable[[], T], call: str) -> T:
    """Send a call, and log how it ended and how long it took; what was sent and answered is not logged."""
    began = time.monotonic()
    outcome = "done"
    try:
        return send()
    except Exception as error:
        outcome = type(error).__name__
        raise
    finally:
        _LOG.debug("%s: %s in %.0f ms", call, outcome, (time.monotonic() - began) * 1000)


@lru_cache(64)
def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine, where AWS's quotas mean nothing."""
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or host.endswith(".localhost") or host.startswith("127.")
