"""New keys at AWS's rate: the time that apply takes beside the bound by the slowest request quota, on simulated time.

    PYTHONPATH=tests python benchmarks/rates.py [--keys 1000 10000] [--json]

The real apply, with its workers, pacing and retries, on a KMS in memory that throttles at AWS's default quotas. Each
key has an alias, yearly rotation and, in half of the cases, a replica; in the cases with a neighbour, somebody else in
the account uses half of every quota from the middle on.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from typing import Any

from keywright._internal.aws.quotas import CREATE_KEY_PER_REPLICATION, REQUESTS_PER_SECOND
from simulated_fleet import create_all, fleet
from simulated_kms import SimulatedAws
from simulated_time import SimulatedTime

MOST_TIMES_THE_BOUND = {"calm": 1.05, "neighbour": 1.1}


def main() -> int:
    """Measure, print, and say by the exit code whether every case kept to its bound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    cases = [
        measured(keys, replicas=replicas, neighbour=neighbour)
        for keys in arguments.keys
        for replicas in (0, keys)
        for neighbour in (False, True)
    ]
    sys.stdout.write(json.dumps(cases) + "\n" if arguments.json else "".join(map(line, cases)))
    return int(not all(case["ratio"] <= MOST_TIMES_THE_BOUND[case["case"]] for case in cases))


def measured(keys: int, *, replicas: int, neighbour: bool) -> dict[str, Any]:
    """One case."""
    calm = max(keys, replicas * CREATE_KEY_PER_REPLICATION) / REQUESTS_PER_SECOND["CreateKey"]
    aws = SimulatedAws(SimulatedTime())
    if neighbour:
        aws.others = lambda now: 0.5 if now > calm / 2 else 0.0
    began = time.monotonic()
    outcomes = create_all(aws, fleet(keys, replicas=replicas))
    bound = calm * 1.5 if neighbour else calm
    return {
        "case": "neighbour" if neighbour else "calm",
        "keys": keys,
        "replicas": replicas,
        "failed": sum(outcome.error is not None for outcome in outcomes),
        "bound": bound,
        "took": round(aws.seconds, 1),
        "ratio": round(aws.seconds / bound, 3),
        "calls": aws.accepted.total(),
        "throttled": aws.throttled.total(),
        "cpu_seconds": round(time.monotonic() - began, 1),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def line(case: dict[str, Any]) -> str:
    """A case for people."""
    return (
        f"{case['keys']:,} keys, {case['replicas']:,} replicas, {case['case']}: {case['took']:,} s, "
        f"{case['ratio']} times the bound of {case['bound']:,.0f} s; "
        f"{case['throttled']} of {case['calls']:,} calls throttled, "
        f"{case['failed']} failed ({case['cpu_seconds']} s to simulate, at most {case['megabytes']} MB)\n"
    )


if __name__ == "__main__":
    sys.exit(main())
