"""A thousand keys on the embedded AWS: applied, refreshed and planned, beside a bare reader.

    python benchmarks/fleet.py [--keys 1000] [--json]

Keywright's work is done by the real command in a process of its own, so that its memory is its own; the calls are
counted by operation as it reports them. The bare reader makes only the calls that a full read needs, with boto3, in as
many threads as Keywright has.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from measuring import Measured, run, run_apart

from keywright._internal.sandbox import DEFAULT_ACCOUNT, DEFAULT_REGION, Sandbox

THREADS = 8
MOST_CALLS_A_KEY = 4


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
            "bare reader": run_apart(sandbox, "bare"),
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
    return run_apart(sandbox, "keywright", *(str(item) for item in arguments))


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
    sys.exit(run(main, _bare))
