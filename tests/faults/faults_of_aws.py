"""What goes wrong between a client and AWS, for the faulting proxy: each a `Fault`."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field

from faulting_proxy import Call, Dropped, Fault, Forward, Reply

_PATIENCE = 30
KEY_MAKING = frozenset({"CreateKey", "ReplicateKey"})


def refusal(code: str, message: str, status: int = 400) -> Reply:
    """An error as KMS gives it."""
    return Reply(status, json.dumps({"__type": code, "message": message}).encode())


THROTTLED = refusal("ThrottlingException", "You have exceeded the rate at which you may call KMS.")


@dataclass(slots=True)
class Kill:
    """Kills the client before or after the call of a number has happened.

    Args:
        number: of the call.
        after: whether the call happens.
        victim: the client's process, known once it has been started.
    """

    number: int
    after: bool
    victim: Future[int] = field(default_factory=Future)

    def __call__(self, call: Call, forward: Forward) -> Reply:
        if call.number != self.number:
            return forward()
        if self.after:
            forward()
        os.kill(self.victim.result(_PATIENCE), signal.SIGKILL)
        raise Dropped


@dataclass(slots=True)
class Flaky:
    """Throttles, resets (before or after the call has happened) or answers 500 to a share of the calls.

    Args:
        share: of the calls, between 0 and 1.
        seed: the same seed does the same to the same sequence of calls.
    """

    share: float
    seed: int
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def __call__(self, _call: Call, forward: Forward) -> Reply:
        with self._lock:
            strikes = self._chance.random() < self.share
            kind = self._chance.choice(("throttle", "reset-before", "reset-after", "error-before", "error-after"))
        if not strikes:
            return forward()
        if kind == "throttle":
            return THROTTLED
        if kind.endswith("after"):
            forward()
        if kind.startswith("reset"):
            raise Dropped
        return refusal("KMSInternalException", "The request was rejected because of an internal error.", 500)


def throttle_every_third(call: Call, forward: Forward) -> Reply:
    """Throttles the third call, the sixth, and so on."""
    return THROTTLED if call.number % 3 == 0 else forward()


def hang(_call: Call, _forward: Forward) -> Reply:
    """Takes each call, and never answers."""
    time.sleep(_PATIENCE)
    raise Dropped


def answer_garbage(_call: Call, _forward: Forward) -> Reply:
    """Answers what a captive portal would."""
    return Reply(200, b"<html><body>Please log in to the guest network</body></html>", "text/html")


def deny(operation: str) -> Fault:
    """Denies one operation."""

    def fault(call: Call, forward: Forward) -> Reply:
        if call.operation != operation:
            return forward()
        who = f"arn:aws:iam::{call.account}:user/somebody"
        return refusal(
            "AccessDeniedException", f"User: {who} is not authorized to perform: kms:{operation} on this resource"
        )

    return fault


def refuse_all(code: str, message: str, status: int = 400) -> Fault:
    """Answers every call with one error, in the form of its protocol."""

    def fault(call: Call, _forward: Forward) -> Reply:
        if call.body.startswith(b"{"):
            return refusal(code, message, status)
        xml = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        return Reply(status, xml.encode(), "text/xml")

    return fault


def interrupt(operation: str, happen: Callable[[], object]) -> Fault:
    """Lets something else happen just before the first call of an operation."""
    once = threading.Lock()

    def fault(call: Call, forward: Forward) -> Reply:
        if call.operation == operation and once.acquire(blocking=False):
            happen()
        return forward()

    return fault


@dataclass(slots=True)
class Lagging:
    """Reads that lag behind writes: keys and aliases are listed late, and by their tags later still.

    Args:
        keys: for so many seconds KMS itself doesn't know a new key, in that Region.
        listings: for so many seconds ListKeys and ListAliases don't show what is new.
        tags: for so many seconds the tagging API doesn't list a new key.
    """

    keys: float
    listings: float
    tags: float
    _made: dict[str, float] = field(default_factory=dict)
    _named: dict[tuple[str, str], float] = field(default_factory=dict)

    def __call__(self, call: Call, forward: Forward) -> Reply:
        if not call.body.startswith(b"{"):
            return forward()
        if call.operation in KEY_MAKING:
            return self._make(forward)
        arn = self._subject(call)
        if arn and self._is_younger(self._made.get(arn), self.keys):
            return refusal("NotFoundException", f"Key '{arn}' does not exist")
        if call.operation == "CreateAlias":
            return self._name(call, forward)
        return self._listed(call, forward())

    def _make(self, forward: Forward) -> Reply:
        reply = forward()
        if reply.status == 200:
            document = reply.document
            self._made[document.get("ReplicaKeyMetadata", document.get("KeyMetadata"))["Arn"]] = time.monotonic()
        return reply

    def _subject(self, call: Call) -> str:
        named: str = call.parameters.get("TargetKeyId") or call.parameters.get("KeyId") or ""
        if not named or named.startswith("arn:"):
            return named
        return next((arn for arn in self._made if arn.endswith(f"/{named}") and f":{call.region}:" in arn), "")

    def _name(self, call: Call, forward: Forward) -> Reply:
        reply = forward()
        if reply.status == 200:
            self._named[call.region, call.parameters["AliasName"]] = time.monotonic()
        return reply

    def _listed(self, call: Call, reply: Reply) -> Reply:
        listing = {
            "ListKeys": ("Keys", lambda item: (self._made.get(item["KeyArn"]), self.listings)),
            "ListAliases": ("Aliases", lambda item: (self._named.get((call.region, item["AliasName"])), self.listings)),
            "GetResources": ("ResourceTagMappingList", lambda item: (self._made.get(item["ResourceARN"]), self.tags)),
        }.get(call.operation)
        if listing is None or reply.status != 200:
            return reply
        items, age = listing
        document = reply.document
        document[items] = [item for item in document[items] if not self._is_younger(*age(item))]
        return Reply(200, json.dumps(document).encode())

    @staticmethod
    def _is_younger(moment: float | None, seconds: float) -> bool:
        return moment is not None and time.monotonic() - moment < seconds


def late_principal(arn: str, seconds: float) -> Fault:
    """A principal that KMS knows only some seconds after it was first named in a policy."""
    first: list[float] = []
    lock = threading.Lock()

    def fault(call: Call, forward: Forward) -> Reply:
        if arn.encode() not in call.body or call.operation not in {*KEY_MAKING, "PutKeyPolicy"}:
            return forward()
        with lock:
            first.append(time.monotonic())
        if time.monotonic() - first[0] < seconds:
            words = "Policy contains a statement with one or more invalid principals."
            return refusal("MalformedPolicyDocumentException", words)
        return forward()

    return fault


def both(*faults: Fault) -> Fault:
    """Several faults, the first one nearest to the client."""

    def chain(rest: Iterable[Fault], call: Call, forward: Forward) -> Reply:
        first, *others = rest
        return first(call, (lambda: chain(others, call, forward)) if others else forward)

    return lambda call, forward: chain(faults, call, forward)
