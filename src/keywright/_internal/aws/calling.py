"""One call to AWS: paced, counted, tried again where that is safe, its failure made an error of ours."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from keywright._internal.aws.pacing import Pacing
from keywright._internal.aws.quotas import CREATE_KEY_PER_REPLICATION
from keywright._internal.aws.retrying import GaveUp, Patience, keep_trying
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
        pacing: keeps calls to AWS within its quotas; calls to this machine are never paced.
    """

    region: str
    account: Callable[[], str]
    tally: Tally
    patience: Patience = field(default_factory=Patience)
    pacing: Pacing = field(default_factory=Pacing)

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
        paced = not is_loopback(endpoint)

        def attempt() -> T:
            if paced:
                self._pace(operation, replica_region)
            self.tally.add(operation)
            answer = _logged(send, f"{operation} {self.region} {key}".rstrip())
            try:
                return read(answer)
            except (KeyError, TypeError, ValueError) as error:
                raise GarbledAnswerError(f"an answer without {error}") from error

        try:
            return keep_trying(attempt, judge, repeatable=repeatable, patience=self.patience)
        except GaveUp as gave_up:
            about = Call(client.meta.service_model.signing_name, operation, self.region, endpoint, key)
            raise translated(gave_up, about, repeatable=repeatable) from gave_up.cause

    def _pace(self, operation: str, replica_region: str | None) -> None:
        if operation not in self.pacing.quotas:
            return  # asking for the account would be a call itself
        account = self.account()
        self.pacing.wait(account, self.region, operation)
        if replica_region is not None:
            self.pacing.wait(account, replica_region, "CreateKey", CREATE_KEY_PER_REPLICATION)


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


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine, where AWS's quotas mean nothing."""
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or host.endswith(".localhost") or host.startswith("127.")
