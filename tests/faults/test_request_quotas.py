"""Apply in real time, before a proxy that has request quotas: nothing is throttled, and nothing fails where it is."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter

from faulting_proxy import Call, FaultingProxy, Forward, Reply

from command_line import CommandLine, Keywright
from keywright._internal.aws.pacing import PACE_LOOPBACK_VARIABLE
from keywright._internal.aws.quotas import REQUESTS_PER_SECOND

KEYS = 60
RAISED = 10
"""How many times AWS's default quotas the account has; with the defaults the test would take twelve seconds."""


class RequestQuotas:
    """Throttles what is beyond the quotas, and tells them as Service Quotas does."""

    def __init__(self) -> None:
        self.throttled: Counter[str] = Counter()
        self._buckets: dict[tuple[str, str], tuple[float, float]] = {}
        self._lock = threading.Lock()

    def __call__(self, call: Call, forward: Forward) -> Reply:
        quotas = {operation: rate * RAISED for operation, rate in REQUESTS_PER_SECOND.items()}
        if call.operation == "ListServiceQuotas":
            named = [{"QuotaName": f"{name} request rate", "Value": rate} for name, rate in quotas.items()]
            return Reply(200, json.dumps({"Quotas": named}).encode())
        with self._lock:
            now, rate = time.monotonic(), quotas.get(call.operation, float("inf"))
            tokens, then = self._buckets.get((call.region, call.operation), (rate, now))
            tokens = min(rate, tokens + (now - then) * rate) - 1
            if tokens < 0:
                self.throttled[call.operation] += 1
                return Reply(400, b'{"__type": "ThrottlingException", "message": "Rate exceeded"}')
            self._buckets[call.region, call.operation] = tokens, now
        return forward()


def test_no_call_is_throttled_where_nobody_else_uses_the_quotas(
    command_line: CommandLine, proxy: FaultingProxy, keywright: Keywright
) -> None:
    lines = "".join(f"  k{number}: {{aliases: [k{number}]}}\n" for number in range(KEYS))
    (keywright.directory / "keys.yaml").write_text(f"stack: s\nregion: us-east-1\nkeys:\n{lines}")
    proxy.fault = quotas = RequestQuotas()
    paced = Keywright(command_line, {**keywright.environment, PACE_LOOPBACK_VARIABLE: "1"}, keywright.directory)
    done = paced.run("apply", "keys.yaml", "--yes").succeeded()
    assert f"{KEYS} created, 0 updated, 0 unchanged, 0 failed" in done.out
    assert not quotas.throttled
    assert proxy.counts["ListServiceQuotas"] == 1
