"""A thousand keys on the embedded AWS: applied, refreshed and planned, beside a bare reader.

    python benchmarks/fleet.py [--keys 1000] [--json]

Keywright's work is done by the real command in a process of its own, so that its memory is its own; the calls are
counted by operation as it reports them. The bare reader makes only the calls that a full read needs, with boto3, in as
many threads as Keywright has.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from keywright._internal.sandbox import DEFAULT_ACCOUNT, DEFAULT_REGION, Sandbox

THREADS = 8
MOST_CALLS_A_KEY = 4


@dataclass(frozen=True, slots=True)
class Measured:
    """One phase: its seconds, its largest memory, and its calls by operation."""

    seconds: float
    megabytes: float
    calls: dict[str, int]

    def as_document(self, keys: int) -> dict[str, Any]:
        """As `--json` shows it."""
        total = sum(self.calls.values())
        return {
            "seconds": round(self.seconds, 2),
            "megabytes": round(self.megabytes, 1),
            "calls": dict(sorted(self.calls.items())),
            "calls_a_key": round(total / keys, 3),
        }


def main() -> int:
    """Measure, print, and say by the exit code whether a refresh kept to its calls."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "fleet.yaml"
        file.write_text(_fleet(arguments.keys), encoding="utf-8")
        phases = {
            "apply": _keywright(sandbox, "apply", file, "--yes"),
            "refresh": _keywright(sandbox, "output", file),
            "plan": _keywright(sandbox, "plan", file, "--detailed-exitcode"),
            "bare reader": _apart(sandbox, "bare"),
        }
    document: dict[str, Any] = {
        "keys": arguments.keys,
        "phases": {name: phase.as_document(arguments.keys) for name, phase in phases.items()},
        "ratio": {name: round(phases[name].seconds / phases["bare reader"].seconds, 2) for name in ("refresh", "plan")},
    }
    _print(document, arguments.json)
    return int(any(document["phases"][name]["calls_a_key"] > MOST_CALLS_A_KEY for name in ("refresh", "plan")))


def _fleet(keys: int) -> str:
    lines = ["stack: fleet", f"region: {DEFAULT_REGION}", "keys:"]
    lines += [
        f"  key-{number:05d}: {{aliases: [fleet/key-{number:05d}], tags: {{Number: '{number}'}},"
        f" key_user_arns: ['arn:aws:iam::{DEFAULT_ACCOUNT}:role/app-{number % 50}']}}"
        for number in range(keys)
    ]
    return "\n".join(lines) + "\n"


def _keywright(sandbox: Sandbox, *arguments: str | Path) -> Measured:
    return _apart(sandbox, "keywright", *(str(item) for item in arguments))


def _apart(sandbox: Sandbox, *arguments: str) -> Measured:
    """One phase in a process of its own."""
    environment = {**os.environ, **sandbox.environment()}
    began = time.monotonic()
    done = subprocess.run(  # noqa: S603 - this very file
        [sys.executable, __file__, "--phase", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.monotonic() - began
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    said = json.loads(done.stderr.strip().splitlines()[-1])
    return Measured(seconds, said["megabytes"], said["calls"])


def _phase(arguments: list[str]) -> int:
    """What runs apart: its last line on stderr is what was measured."""
    calls: Counter[str] = Counter()
    code = _bare(calls) if arguments[0] == "bare" else _real(arguments[1:], calls)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    megabytes = peak / (2**20 if sys.platform == "darwin" else 2**10)
    sys.stderr.write("\n" + json.dumps({"megabytes": megabytes, "calls": calls}) + "\n")
    return code


def _real(arguments: list[str], calls: Counter[str]) -> int:
    """The real command line, its requests counted where boto3 sends them."""
    from botocore.endpoint import Endpoint  # noqa: PLC0415 - one phase needs it

    from keywright._internal.cli.app import main as keywright  # noqa: PLC0415 - one phase needs it

    send = Endpoint.make_request

    def counted(self: Any, operation_model: Any, request_dict: Any) -> Any:
        calls[operation_model.name] += 1
        return send(self, operation_model, request_dict)

    Endpoint.make_request = counted  # type: ignore[method-assign] # the requests themselves, not what we say of them
    sys.argv = ["keywright", *arguments]
    try:
        keywright()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _bare(calls: Counter[str]) -> int:
    """List by tag and alias, then three reads a key: nobody can read a key with fewer calls."""
    config = Config(max_pool_connections=THREADS)
    kms = boto3.client("kms", config=config)
    tagging = boto3.client("resourcegroupstaggingapi", config=config)
    arns: list[str] = []
    listed: dict[str, Any] = {"ResourceTypeFilters": ["kms:key"], "ResourcesPerPage": 100}
    for page in tagging.get_paginator("get_resources").paginate(**listed):
        calls["GetResources"] += 1
        arns += [item["ResourceARN"] for item in page["ResourceTagMappingList"]]
    for _ in kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 100}):
        calls["ListAliases"] += 1

    def read(arn: str) -> None:
        kms.describe_key(KeyId=arn)
        kms.get_key_policy(KeyId=arn, PolicyName="default")
        kms.get_key_rotation_status(KeyId=arn)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(read, arns))
    calls.update(dict.fromkeys(("DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus"), len(arns)))
    return 0


def _print(document: dict[str, Any], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(document) + "\n")
        return
    lines = [f"{document['keys']} keys"]
    for name, phase in document["phases"].items():
        lines.append(f"{name}: {phase['seconds']} s, {phase['megabytes']} MB, {phase['calls_a_key']} calls a key")
        lines += [f"    {operation}: {count}" for operation, count in phase["calls"].items()]
    lines += [f"{name} takes {ratio} times the bare reader's time" for name, ratio in document["ratio"].items()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(_phase(sys.argv[2:]) if sys.argv[1:2] == ["--phase"] else main())
